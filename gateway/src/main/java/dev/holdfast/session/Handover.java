package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.session.Surroundings.Moved;
import dev.holdfast.session.WholePackets.Packet;
import dev.holdfast.session.WholePackets.Run;
import dev.holdfast.time.Alarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session's way from one link to the next, whose receiver this is: opens it beside the old one,
 * collects what it brings, and passes on what the old one has not delivered. Confined to its
 * session.
 *
 * @see Aligner
 */
final class Handover implements Hop.Receiver {
  /** Parts of {@code handover.overlap}; one is how far the links may be apart in time. */
  private static final int PARTS = 5;

  /** Looks at what was collected, in that time. */
  private static final int LOOKS = 20;

  /**
   * Bytes of the next link that are collected, out of the pool of the session's process; with more,
   * the best alignment has to do.
   */
  static final int MAX_BYTES = 4 * 1024 * 1024;

  private final Parts parts;
  private final Session session;
  private final long lag;
  private final PausedClock clock;
  private final Alarm alarm;
  private final Alarm limit;
  private final Aligner aligner;
  private final WholePackets ofOld = new WholePackets();
  private final WholePackets ofNext = new WholePackets();
  private final List<Run> collected = new ArrayList<>();
  private final PendingAnswers answers;
  private final Attachment tie;

  /** Bytes of what was collected, taken from the pool. */
  private int reserved;

  private boolean full;
  private @Nullable Hop next;
  private boolean connectDue = true;
  private byte @Nullable [] reply;
  private long confirmedAt = -1;

  /** Nobody has confirmed the reply, but nobody is there to do so. */
  private boolean alone;

  private boolean diverted;
  private @Nullable Alignment alignment;
  private Moved result = Moved.LINK_LOST;

  Handover(Parts parts, PendingAnswers answers) {
    this.parts = parts;
    this.answers = answers;
    this.session = parts.session();
    this.tie = new Attachment(this, session.boundary());
    Duration part = parts.setup().limits().overlap().dividedBy(PARTS);
    this.lag = part.toNanos();
    this.clock = new PausedClock(parts.setup().timers());
    this.alarm = new Alarm(parts.setup().timers());
    this.limit = new Alarm(parts.setup().timers());
    this.aligner = new Aligner(part);
  }

  /** Watches the old link, and opens the next one when enough of it is known. */
  void begin() {
    alarm.start(Duration.ofNanos(lag), this::open);
  }

  private void open() {
    Hop opened = parts.surroundings().move(tie);
    next = opened;
    Hop old = parts.uplink().hop();
    if (old != null) {
      parts.delivery().outbox().from(new TwoLinks(old, opened, clock));
    }
    writable();
  }

  /** The old link has brought this, and it was passed on. */
  void old(Message message) throws ProtocolException {
    Optional<Fingerprint> print = ofOld.add(message).flatMap(Packet::print);
    print.ifPresent(event -> aligner.old(event, clock.nanoTime()));
  }

  @Override
  public void message(Message message) throws ProtocolException {
    Optional<Packet> packet = ofNext.add(message);
    if (packet.isPresent() && alignment != null) {
      passOn(packet.get(), alignment);
    } else if (packet.isPresent()) {
      take(packet.get());
    }
  }

  private void take(Packet packet) throws ProtocolException {
    if (packet.is(SocketPacketType.CONNECT) && reply == null) {
      if (ConnectReply.isExtensible(packet.text())) {
        reply = packet.text();
        session.step(SessionState::nextLinked);
      } else {
        session.step(SessionState::nextLost);
      }
    } else if (packet.is(SocketPacketType.DISCONNECT)
        || packet.is(SocketPacketType.CONNECT_ERROR)) {
      session.step(SessionState::nextLost);
    } else if (packet.is(SocketPacketType.ACK) || packet.is(SocketPacketType.BINARY_ACK)) {
      // Nobody waits for the switch to hear the answer to a question.
      full |= !answers.add(packet.run(), MAX_BYTES - reserved);
    } else {
      collect(packet);
    }
  }

  private void collect(Packet packet) {
    packet
        .print()
        .ifPresentOrElse(print -> aligner.next(print, clock.nanoTime()), () -> aligner.nextAlone());
    Run run = packet.run();
    collected.add(run);
    int bytes = run.bytes();
    int room = MAX_BYTES - reserved - answers.reserved();
    if (!full && bytes <= room && parts.setup().pool().reserve(bytes)) {
      reserved += bytes;
    } else {
      full = true;
    }
  }

  private void forgetCollected() {
    collected.clear();
    parts.setup().pool().release(reserved);
    reserved = 0;
  }

  /** The client is told of the next link, and what it sends goes there. */
  void overlap() {
    if (!parts.delivery().reply(Objects.requireNonNull(reply))) {
      session.outboxFull();
      return;
    }
    parts.clientPackets().relinked();
    divert();
    parts.surroundings().overlapping();
    clock.isAskedEvery(lag / LOOKS);
    limit.start(parts.setup().limits().overlap(), this::isOver);
    look();
  }

  /** What the client sends goes to the next link, but for answers to the old one's calls. */
  private void divert() {
    Lane up = parts.up();
    Hop old = parts.uplink().hop();
    boolean written = old == null || old.isFlushed();
    if (diverted || !written || up.waitingBytes() > 0 || up.missingAttachments() > 0) {
      return;
    }
    diverted = true;
    Lane lane = parts.uplink().answersGoAside(parts.setup());
    parts.clientPackets().answersGo(Passage.up(lane, parts.setup(), session));
    up.to(Objects.requireNonNull(next));
  }

  private void look() {
    divert();
    alarm.stop();
    alarm.start(Duration.ofNanos(lag / LOOKS), this::look);
    long now = clock.nanoTime();
    lookForConfirmation(now);
    if (aligner.isFull()) {
      decide(best(), Moved.UNSURE);
    } else if (isTime(now)) {
      aligner.only(now).ifPresent(only -> decide(only, Moved.ALIGNED));
    }
  }

  private void isOver() {
    long missed = clock.takeStoodStill();
    if (missed > 0) {
      limit.start(Duration.ofNanos(missed), this::isOver);
    } else {
      decide(best(), Moved.UNSURE);
    }
  }

  private void lookForConfirmation(long now) {
    boolean gone = parts.downlink().isGone();
    if (alone && !gone) {
      // The page is back, and joins its rooms now.
      confirmedAt = -1;
      aligner.notJoined();
    }
    if (confirmedAt < 0 && (gone || parts.delivery().hasLastReply())) {
      confirmedAt = now;
      aligner.joined(now + lag);
    }
    alone = gone && !parts.delivery().hasLastReply();
  }

  /**
   * What was sent before the page was in its rooms again has come, nobody asks anything, and the
   * old link has taken what is for it.
   */
  private boolean isTime(long now) {
    return confirmedAt >= 0
        && now - confirmedAt >= 2 * lag
        && !clock.isPaused()
        && !parts.calls().areUnanswered()
        && diverted
        && !parts.uplink().hasAnswersAside();
  }

  private Alignment best() {
    return aligner.best(clock.nanoTime());
  }

  private void decide(Alignment decided, Moved how) {
    alignment = decided;
    result = how;
    session.step(SessionState::switched);
  }

  /** Goes on with the next link; the old one is ended, if it has not ended by itself. */
  void finish() {
    stop();
    try {
      takeOver();
    } catch (ProtocolException e) {
      throw new IllegalStateException("whole packets were passed on", e);
    } finally {
      forgetCollected();
    }
  }

  private void takeOver() throws ProtocolException {
    Alignment decided = alignment;
    if (decided == null) {
      decided = aligner.only(clock.nanoTime()).orElseGet(this::best);
      alignment = decided;
    }
    parts.clientPackets().linkLost();
    parts.downwards().forgetPart();
    parts.uplink().become(Objects.requireNonNull(next), tie, Objects.requireNonNull(reply));
    parts.surroundings().moved(result);
    deliver(decided);
  }

  private void deliver(Alignment decided) throws ProtocolException {
    answers.pass();
    for (int i = 0; i < collected.size() && !session.isClosed(); i++) {
      if (!decided.isRepeat(i)) {
        WholePackets.each(collected.get(i), parts.present()::message);
      }
    }
    if (!session.isClosed()) {
      parts.present().batchEnd();
      retire(decided);
    }
  }

  private void passOn(Packet packet, Alignment decided) throws ProtocolException {
    Optional<Fingerprint> print = packet.print();
    if (print.isEmpty() || !decided.isLateRepeat(print.get(), clock.nanoTime())) {
      WholePackets.each(packet, parts.present()::message);
    }
    retire(decided);
  }

  /** Once no repetition is awaited, there is nothing left to do here. */
  private void retire(Alignment decided) {
    if (!decided.awaits(clock.nanoTime()) && !ofNext.hasPart() && !session.isClosed()) {
      tie.to(parts.present());
    }
  }

  /**
   * Goes back to the old link, and sends the client its CONNECT reply again. {@link #oldLost} needs
   * what the next link brought until {@code outdated} is called.
   */
  void stay(Runnable outdated) {
    leave(CloseReason.MOVED);
    alarm.start(Duration.ofNanos(lag), outdated);
    parts.clientPackets().answersGo(null);
    parts.uplink().pass();
    if (!parts.delivery().reply(parts.uplink().reply())) {
      session.outboxFull();
      return;
    }
    parts.surroundings().moved(Moved.STAYED);
    parts.delivery().drain();
  }

  /** Drops what was kept for {@link #oldLost}. */
  void forget() {
    alarm.stop();
    forgetCollected();
  }

  /** Both links are lost: what only the next one has brought is delivered. */
  void oldLost() {
    try {
      if (!collected.isEmpty()) {
        deliver(best());
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("whole packets were passed on", e);
    } finally {
      forget();
    }
  }

  /** The client has heard of nothing: nothing has happened. */
  void abandon() {
    drop(CloseReason.MOVED);
    parts.surroundings().moved(Moved.FAILED);
  }

  /** Ends the next link, and forgets what it has brought. */
  void drop(CloseReason reason) {
    leave(reason);
    forgetCollected();
  }

  private void leave(CloseReason reason) {
    stop();
    tie.cut();
    Hop old = parts.uplink().hop();
    if (old != null) {
      parts.delivery().outbox().from(old);
    }
    if (next != null) {
      next.close(reason);
    }
  }

  private void stop() {
    alarm.stop();
    limit.stop();
    clock.isAskedAtTimes();
  }

  @Override
  public void batchEnd() {
    if (alignment != null) {
      parts.present().batchEnd();
    } else if (reply != null) {
      parts.downwards().flush();
      if (full || aligner.isFull()) {
        decide(best(), Moved.UNSURE);
      }
    } else if (full) {
      // So much before its answer to the CONNECT.
      session.step(SessionState::nextLost);
    }
  }

  @Override
  public void writable() {
    if (alignment != null) {
      parts.present().writable();
      return;
    }
    Hop to = next;
    if (connectDue && to != null && to.send(parts.uplink().connectFrame())) {
      connectDue = false;
      aligner.linked();
    }
    if (diverted) {
      parts.up().drain();
    }
  }

  @Override
  public void acknowledged(long given) {
    // An upstream confirms nothing.
  }

  @Override
  public void closed(CloseReason reason) {
    if (alignment == null) {
      session.step(SessionState::nextLost);
    } else {
      parts.present().closed(reason);
    }
  }
}

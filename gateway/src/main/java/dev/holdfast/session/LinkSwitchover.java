package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.session.Overlap.Decision;
import dev.holdfast.session.PacketAssembler.Packet;
import dev.holdfast.session.PacketAssembler.Run;
import dev.holdfast.session.SessionContext.SwitchoverResult;
import dev.holdfast.time.Timer;
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
 * @see Overlap
 */
final class LinkSwitchover implements EngineConnection.Listener {
  /** Looks at what was collected, in the time that an event may be late. */
  private static final int LOOKS = 20;

  /**
   * Bytes of the next link that are collected, out of the pool of the session's process; with more,
   * the best alignment has to do.
   */
  static final int MAX_BYTES = 4 * 1024 * 1024;

  private final Session session;
  private final Parts parts;
  private final Duration lag;
  private final Timer timer;
  private final Timer limit;
  private final Overlap overlap;
  private final PacketAssembler ofNext = new PacketAssembler();
  private final List<Run> collected = new ArrayList<>();
  private final PendingAnswers answers;
  private final DetachableListener tie;

  /** Bytes of what was collected, taken from the pool. */
  private int reserved;

  private boolean full;
  private @Nullable EngineConnection next;
  private boolean connectDue = true;
  private byte @Nullable [] reply;

  /** The old link has been given the last of the client's packets that it gets. */
  private boolean parted;

  /** Its upstream has read them, and the next link gets the others. */
  private boolean diverted;

  private @Nullable Decision decision;

  LinkSwitchover(Session session, Parts parts, PendingAnswers answers) {
    this.session = session;
    this.parts = parts;
    this.answers = answers;
    this.tie = new DetachableListener(this, session.boundary());
    this.lag = parts.setup().limits().lag();
    this.timer = new Timer(parts.setup().timers());
    this.limit = new Timer(parts.setup().timers());
    this.overlap = new Overlap(parts);
  }

  /** Watches the old link, and opens the next one when enough of it is known. */
  void begin() {
    overlap.watchOld();
    timer.start(lag, this::open);
  }

  private void open() {
    EngineConnection opened = parts.context().move(tie);
    next = opened;
    overlap.opening(opened, tie);
    EngineConnection old = parts.uplink().connection();
    if (old != null) {
      parts.delivery().outbox().from(new TwoLinks(old, opened, overlap.clock()));
    }
    writable();
  }

  /** The old link has brought this, and it was passed on. */
  void old(Message message) throws ProtocolException {
    overlap.old(message);
  }

  @Override
  public void message(Message message) throws ProtocolException {
    Optional<Packet> packet = ofNext.add(message);
    if (packet.isPresent() && decision != null) {
      passOn(packet.get(), decision.alignment());
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
    overlap.next(packet);
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
    parts.context().overlapping();
    overlap.clock().isAskedEvery(lag.dividedBy(LOOKS).toNanos());
    overlap.begin();
    limit.start(parts.setup().limits().overlap(), this::isOver);
    look();
  }

  /**
   * What the client sends goes to the next link, but for answers to the old one's calls. An
   * upstream reads its links in any order: what the next one gets waits until it has read the rest.
   */
  private void divert() {
    ForwardBuffer up = parts.up();
    EngineConnection old = parts.uplink().connection();
    boolean written = old == null || old.isFlushed();
    if (!parted && written && up.isBetweenPackets()) {
      parted = true;
      ForwardBuffer forwardBuffer = parts.uplink().answersGoAside(parts.setup());
      parts
          .clientPackets()
          .answersGo(PacketSequenceGuard.up(forwardBuffer, parts.setup(), session::close));
      up.stop();
      overlap.askOld();
    }
    if (parted && !diverted && overlap.hasOldRead()) {
      diverted = true;
      up.to(Objects.requireNonNull(next));
      up.drain();
    }
  }

  private void look() {
    divert();
    timer.stop();
    timer.start(lag.dividedBy(LOOKS), this::look);
    overlap.look(isQuiet()).ifPresent(this::decide);
  }

  private void isOver() {
    long missed = overlap.clock().takeStoodStill();
    if (missed > 0) {
      limit.start(Duration.ofNanos(missed), this::isOver);
    } else {
      decide(overlap.best(SwitchoverResult.OUT_OF_TIME));
    }
  }

  /** Nobody asks anything, and the old link has taken what is for it. */
  private boolean isQuiet() {
    return !parts.calls().areUnanswered() && diverted && !parts.uplink().hasAnswersAside();
  }

  private void decide(Decision decided) {
    decision = decided;
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
    Decision decided = decision;
    if (decided == null) {
      boolean lost = parts.uplink().connection() == null;
      decided = overlap.last(lost ? SwitchoverResult.LINK_LOST : SwitchoverResult.CLIENT_LEFT);
      decision = decided;
    }
    parts.clientPackets().linkLost();
    parts.downwards().forgetPart();
    parts.uplink().become(Objects.requireNonNull(next), tie, Objects.requireNonNull(reply));
    parts.context().switchedOver(decided.how());
    deliver(decided.alignment());
  }

  private void deliver(Alignment decided) throws ProtocolException {
    answers.pass();
    for (int i = 0; i < collected.size() && !session.isClosed(); i++) {
      if (!decided.isRepeat(i)) {
        PacketAssembler.each(collected.get(i), parts.present()::message);
      }
    }
    if (!session.isClosed()) {
      parts.present().batchEnd();
      retire(decided);
    }
  }

  private void passOn(Packet packet, Alignment decided) throws ProtocolException {
    Optional<Fingerprint> print = overlap.print(packet);
    if (print.isEmpty() || !decided.isLateRepeat(print.get(), overlap.clock().nanoTime())) {
      PacketAssembler.each(packet, parts.present()::message);
    }
    retire(decided);
  }

  /** Once no repetition is awaited, there is nothing left to do here. */
  private void retire(Alignment decided) {
    if (!decided.awaits(overlap.clock().nanoTime()) && !ofNext.hasPart() && !session.isClosed()) {
      tie.to(parts.present());
    }
  }

  /**
   * Goes back to the old link, and sends the client its CONNECT reply again. {@link #oldLost} needs
   * what the next link brought until {@code outdated} is called: the old one may stand still, and
   * bring the same when it goes on.
   */
  void stay(Runnable outdated) {
    overlap.askOld();
    leave(CloseReason.SWITCHED_OVER);
    awaitOld(outdated);
    parts.clientPackets().answersGo(null);
    parts.uplink().pass();
    if (!parts.delivery().reply(parts.uplink().reply())) {
      session.outboxFull();
      return;
    }
    parts.context().switchedOver(SwitchoverResult.STAYED);
    parts.delivery().drain();
  }

  private void awaitOld(Runnable outdated) {
    timer.start(
        lag,
        () -> {
          if (overlap.hasOldRead()) {
            outdated.run();
          } else {
            awaitOld(outdated);
          }
        });
  }

  /** Drops what was kept for {@link #oldLost}. */
  void forget() {
    timer.stop();
    forgetCollected();
  }

  /**
   * Both links are lost: what only the next one has brought is delivered. It counts if it is not
   * certain what that is.
   */
  void oldLost() {
    try {
      if (!collected.isEmpty()) {
        Decision last = overlap.last(SwitchoverResult.LINK_LOST);
        if (last.how() != SwitchoverResult.ALIGNED) {
          parts.context().bothLinksLost();
        }
        deliver(last.alignment());
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("whole packets were passed on", e);
    } finally {
      forget();
    }
  }

  /** The client has heard of nothing: nothing has happened. */
  void abandon() {
    drop(CloseReason.SWITCHED_OVER);
    parts.context().switchedOver(SwitchoverResult.FAILED);
  }

  /** Ends the next link, and forgets what it has brought. */
  void drop(CloseReason reason) {
    leave(reason);
    forgetCollected();
  }

  private void leave(CloseReason reason) {
    stop();
    tie.cut();
    EngineConnection old = parts.uplink().connection();
    if (old != null) {
      parts.delivery().outbox().from(old);
    }
    if (next != null) {
      next.close(reason);
    }
  }

  private void stop() {
    timer.stop();
    limit.stop();
    overlap.end();
  }

  @Override
  public void batchEnd() {
    if (decision != null) {
      parts.present().batchEnd();
    } else if (reply != null) {
      parts.downwards().flush();
      if (full || overlap.isFull()) {
        decide(overlap.best(SwitchoverResult.OUT_OF_MEMORY));
      }
    } else if (full) {
      // So much before its answer to the CONNECT.
      session.step(SessionState::nextLost);
    }
  }

  @Override
  public void writable() {
    if (decision != null) {
      parts.present().writable();
      return;
    }
    EngineConnection to = next;
    if (connectDue && to != null && to.send(parts.uplink().connectFrame())) {
      connectDue = false;
      overlap.connected();
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
    if (decision == null) {
      session.step(SessionState::nextLost);
    } else {
      parts.present().closed(reason);
    }
  }
}

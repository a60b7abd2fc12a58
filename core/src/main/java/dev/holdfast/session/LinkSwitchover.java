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
 * The switchover of a session from one link to the next, and the listener of the next link. Opens
 * it beside the old one, collects its packets, and forwards those that the old one has not
 * delivered. Confined to its session.
 *
 * @see Overlap
 */
final class LinkSwitchover implements EngineConnection.Listener {
  /** Number of checks of the collected packets per lag. */
  private static final int LOOKS = 20;

  /**
   * Maximum bytes collected from the next link, taken from the pool of the process. Beyond it, the
   * best alignment is used.
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

  /** Bytes of the collected packets, reserved in the pool. */
  private int reserved;

  private boolean full;
  private @Nullable EngineConnection next;
  private boolean connectDue = true;
  private byte @Nullable [] reply;

  /** Whether the old link was sent the last of the client's packets that it receives. */
  private boolean parted;

  /** Whether the old upstream has read them and the next link receives the others. */
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

  /** Watches the old link, and opens the next one after one lag. */
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
      parts.delivery().sender().from(new TwoLinks(old, opened, overlap.clock()));
    }
    writable();
  }

  /** Records a message of the old link, which was forwarded. */
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
      // Answers to the client's calls do not wait for the switch.
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

  /**
   * Sends the client the CONNECT reply of the next link, and diverts the client's packets to it.
   */
  void overlap() {
    if (!parts.delivery().reply(Objects.requireNonNull(reply))) {
      session.outboxFull();
      return;
    }
    divert();
    parts.context().overlapping();
    overlap.clock().isAskedEvery(lag.dividedBy(LOOKS).toNanos());
    overlap.begin();
    limit.start(parts.setup().limits().overlap(), this::isOver);
    look();
  }

  /**
   * Diverts the client's packets to the next link, except answers to the old one's calls. Upstreams
   * read their links in any order, so the next link waits until the old upstream has read the rest.
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

  /** Returns whether no call awaits an answer and the old link has accepted its packets. */
  private boolean isQuiet() {
    return !parts.calls().areUnanswered() && diverted && !parts.uplink().hasAnswersAside();
  }

  private void decide(Decision decided) {
    decision = decided;
    session.step(SessionState::switched);
  }

  /** Continues with the next link. Closes the old one, unless it has ended by itself. */
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
    session.stages().release(PacketStage.Direction.TO_CLIENT);
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

  /** Detaches this switchover once no repeat is awaited. */
  private void retire(Alignment decided) {
    if (!decided.awaits(overlap.clock().nanoTime()) && !ofNext.hasPart() && !session.isClosed()) {
      tie.to(parts.present());
    }
  }

  /**
   * Returns to the old link and sends the client its CONNECT reply again. Keeps the packets of the
   * next link for {@link #oldLost} until {@code outdated} runs: the old link may be stalled, and
   * deliver the same events later.
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
   * Delivers what arrived over the next link only, after both links were lost. Reports the loss if
   * it is uncertain what that is.
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

  /** Abandons the next link, which the client does not know of. */
  void abandon() {
    drop(CloseReason.SWITCHED_OVER);
    parts.context().switchedOver(SwitchoverResult.FAILED);
  }

  /** Closes the next link, and drops the collected packets. */
  void drop(CloseReason reason) {
    leave(reason);
    forgetCollected();
  }

  private void leave(CloseReason reason) {
    stop();
    tie.cut();
    EngineConnection old = parts.uplink().connection();
    if (old != null) {
      parts.delivery().sender().from(old);
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
      // The limit was reached before the CONNECT reply.
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
    // Upstreams do not confirm.
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

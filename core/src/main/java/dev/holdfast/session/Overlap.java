package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.LinkFence.Link;
import dev.holdfast.session.PacketAssembler.Packet;
import dev.holdfast.session.SessionContext.SwitchoverResult;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two overlapping links of a session: observes both, and decides at which position the next one
 * continues. Uses fences if the upstreams support them, otherwise the contents and times of events.
 * Confined to its session.
 */
final class Overlap {
  /**
   * The position at which the next link continues.
   *
   * @param how certainty of the alignment
   */
  record Decision(Alignment alignment, SwitchoverResult how) {}

  private final Parts parts;
  private final long lag;
  private final PausedClock clock;
  private final PacketAssembler ofOld = new PacketAssembler();
  private final Aligner aligner;
  private final @Nullable Fences fences;
  private long beganAt;
  private long confirmedAt = -1;

  /** Whether the reply is unconfirmed because the client is away. */
  private boolean alone;

  Overlap(Parts parts) {
    this.parts = parts;
    this.lag = parts.setup().limits().lag().toNanos();
    this.clock = new PausedClock(parts.setup().timers());
    this.aligner = new Aligner(parts.setup().limits().lag());
    this.fences =
        parts
            .context()
            .fence()
            .map(
                fence ->
                    new Fences(
                        fence, parts.uplink()::isBetweenPackets, lag, parts.setup().timers()))
            .orElse(null);
  }

  /** Returns the clock, which stands still while the links are not read. */
  PausedClock clock() {
    return clock;
  }

  /** Starts to watch the old link. */
  void watchOld() {
    EngineConnection old = parts.uplink().connection();
    if (fences != null && old != null) {
      parts.uplink().filter(fences.old(old));
    }
  }

  /** Called when the next link is being opened. */
  void opening(EngineConnection next, DetachableListener tie) {
    if (fences != null) {
      tie.filter(fences.next(next));
    }
  }

  /** Called when the CONNECT was sent over the next link. */
  void connected() {
    aligner.linked();
    if (fences != null) {
      fences.connected();
    }
  }

  /** Called when the old link was sent the last of the client's packets that it receives. */
  void askOld() {
    if (fences != null) {
      fences.askOld();
    }
  }

  /** Returns whether the old upstream has read them, as far as fences show. */
  boolean hasOldRead() {
    return fences == null || fences.hasOldRead();
  }

  /** Records a message of the old link, which was forwarded. */
  void old(Message message) throws ProtocolException {
    Optional<Packet> packet = ofOld.add(message);
    if (packet.isPresent()) {
      Optional<Fingerprint> print = print(packet.get());
      print.ifPresent(event -> aligner.old(event, clock.nanoTime()));
      brought(Link.OLD, print);
    }
  }

  /** Returns the fingerprint of a packet; empty if it cannot arrive over both links. */
  Optional<Fingerprint> print(Packet packet) {
    Optional<Fingerprint> print = packet.print();
    return fences == null ? print : print.map(event -> fences.print(event, packet));
  }

  /** Records a packet of the next link, which is held back. */
  void next(Packet packet) {
    Optional<Fingerprint> print = print(packet);
    print.ifPresentOrElse(event -> aligner.next(event, clock.nanoTime()), aligner::nextAlone);
    brought(Link.NEXT, print);
  }

  private void brought(Link link, Optional<Fingerprint> event) {
    if (fences != null) {
      fences.brought(link, event.orElse(null));
    }
  }

  /**
   * Called when the client was sent the next CONNECT reply. Without fences, starts the time limit.
   */
  void begin() {
    beganAt = clock.nanoTime();
  }

  /**
   * Returns the decision as soon as there is one.
   *
   * @param quiet whether no answer is awaited from the old link or for it
   */
  Optional<Decision> look(boolean quiet) {
    long now = clock.nanoTime();
    lookForConfirmation(now);
    long confirmedFor = confirmedAt < 0 ? -1 : now - confirmedAt;
    boolean mayEnd = quiet && !clock.isPaused();
    if (isFull()) {
      return Optional.of(best(SwitchoverResult.OUT_OF_MEMORY));
    }
    if (fences != null && !fences.areRefused()) {
      fences.look(confirmedFor);
      return mayEnd ? certain() : Optional.empty();
    }
    if (now - beganAt >= parts.setup().limits().lags().toNanos()) {
      return Optional.of(best(SwitchoverResult.OUT_OF_TIME));
    }
    // Everything sent before the page rejoined its rooms has arrived by then.
    return mayEnd && confirmedFor >= 2 * lag
        ? aligner.only(now).map(only -> new Decision(only, SwitchoverResult.NO_FENCES))
        : Optional.empty();
  }

  private Optional<Decision> certain() {
    return fences == null
        ? Optional.empty()
        : fences.certain(until()).map(certain -> new Decision(certain, SwitchoverResult.ALIGNED));
  }

  private void lookForConfirmation(long now) {
    boolean gone = parts.downlink().isGone();
    if (alone && !gone) {
      // The page is back, and joins its rooms now.
      confirmedAt = -1;
      aligner.notJoined();
      if (fences != null) {
        fences.pageLeft();
      }
    }
    if (confirmedAt < 0 && (gone || parts.delivery().hasLastReply())) {
      confirmedAt = now;
      aligner.joined(now + lag);
    }
    alone = gone && !parts.delivery().hasLastReply();
  }

  /** Returns whether the limit of remembered events is reached. */
  boolean isFull() {
    if (fences == null || fences.areRefused()) {
      return aligner.isFull();
    }
    return fences.areFull();
  }

  /** Returns the best available decision, when a better one is no longer awaited. */
  Decision best(SwitchoverResult how) {
    long now = clock.nanoTime();
    Alignment alignment = new Alignment(until());
    Set<Long> aligned = fences == null ? Set.of() : fences.alignLikeliest(alignment);
    aligner.alignBest(now, alignment, aligned);
    return new Decision(alignment, how);
  }

  /** Returns the time by which the next link has delivered what the old one has delivered. */
  private long until() {
    SessionSetup.Limits limits = parts.setup().limits();
    boolean fenced = fences != null && !fences.areRefused();
    return clock.nanoTime() + (fenced ? limits.overlap() : limits.lag()).toNanos();
  }

  /**
   * Returns the decision at once, because one of the links delivers no more.
   *
   * @param how certainty of the decision if fences have not decided yet
   */
  Decision last(SwitchoverResult how) {
    if (fences != null) {
      fences.lookAgain();
    }
    return certain().orElseGet(() -> best(how));
  }

  /** Ends the overlap and withdraws the fences. */
  void end() {
    clock.isAskedAtTimes();
    if (fences != null) {
      fences.leave();
    }
  }
}

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
 * Two links of a session that overlap: watches what both bring, and decides from where the next one
 * goes on. Fences decide it where upstreams know them, else what events look like and when they
 * came. Confined to its session.
 */
final class Overlap {
  /**
   * From where the next link goes on.
   *
   * @param how certain that is
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

  /** Nobody has confirmed the reply, but nobody is there to do so. */
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

  /** Stands still while the links are not read. */
  PausedClock clock() {
    return clock;
  }

  /** The old link is watched from now on. */
  void watchOld() {
    EngineConnection old = parts.uplink().connection();
    if (fences != null && old != null) {
      parts.uplink().filter(fences.old(old));
    }
  }

  /** The next link is being opened. */
  void opening(EngineConnection next, DetachableListener tie) {
    if (fences != null) {
      tie.filter(fences.next(next));
    }
  }

  /** The next link was sent the CONNECT. */
  void connected() {
    aligner.linked();
    if (fences != null) {
      fences.connected();
    }
  }

  /** The old link has got all that it gets of the client's packets. */
  void askOld() {
    if (fences != null) {
      fences.askOld();
    }
  }

  /** Whether its upstream has read them, as far as fences tell. */
  boolean hasOldRead() {
    return fences == null || fences.hasOldRead();
  }

  /** The old link has brought this, and it was passed on. */
  void old(Message message) throws ProtocolException {
    Optional<Packet> packet = ofOld.add(message);
    if (packet.isPresent()) {
      Optional<Fingerprint> print = print(packet.get());
      print.ifPresent(event -> aligner.old(event, clock.nanoTime()));
      brought(Link.OLD, print);
    }
  }

  /** How a packet is found on the other link; empty if it cannot come over both. */
  Optional<Fingerprint> print(Packet packet) {
    Optional<Fingerprint> print = packet.print();
    return fences == null ? print : print.map(event -> fences.print(event, packet));
  }

  /** The next link has brought this, and it waits. */
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

  /** The client has been told of the next link. Without fences, the time to decide starts. */
  void begin() {
    beganAt = clock.nanoTime();
  }

  /**
   * The decision, as soon as there is one.
   *
   * @param quiet whether nobody waits for an answer that the old link is to bring or to get
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
    // What was sent before the page was in its rooms again has come by then.
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

  /** Whether no more events are remembered. */
  boolean isFull() {
    if (fences == null || fences.areRefused()) {
      return aligner.isFull();
    }
    return fences.areFull();
  }

  /** What has to do when a better decision is waited for no longer. */
  Decision best(SwitchoverResult how) {
    long now = clock.nanoTime();
    Alignment alignment = new Alignment(until());
    Set<Long> aligned = fences == null ? Set.of() : fences.alignLikeliest(alignment);
    aligner.alignBest(now, alignment, aligned);
    return new Decision(alignment, how);
  }

  /** When the next link has brought what the old one has delivered. */
  private long until() {
    SessionSetup.Limits limits = parts.setup().limits();
    boolean fenced = fences != null && !fences.areRefused();
    return clock.nanoTime() + (fenced ? limits.overlap() : limits.lag()).toNanos();
  }

  /**
   * The same at once, since one of the links will bring no more.
   *
   * @param how certain it is if fences have not told yet
   */
  Decision last(SwitchoverResult how) {
    if (fences != null) {
      fences.lookAgain();
    }
    return certain().orElseGet(() -> best(how));
  }

  /** Nothing is decided any more, and no link is fenced. */
  void end() {
    clock.isAskedAtTimes();
    if (fences != null) {
      fences.leave();
    }
  }
}

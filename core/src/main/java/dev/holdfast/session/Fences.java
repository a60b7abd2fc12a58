package dev.holdfast.session;

import dev.holdfast.session.LinkFence.Link;
import dev.holdfast.session.PacketAssembler.Packet;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The fences of one switchover: lets both links join, paces the fences, and finds the certain
 * position at which the next link continues. Confined to its session.
 */
final class Fences implements FencedLink.Listener {
  /** Number of pending fences that indicates a stalled upstream. */
  static final int FEW = 4;

  /** Interval between two fences over a link while its upstream is stalled. */
  static final Duration SLOW_PACE = Duration.ofMillis(500);

  /** Number of pending fences after such a long stall that more of them tell nothing. */
  static final int MAX_OPEN = 16;

  /**
   * Maximum delay of a room join after the fence that follows the request, since an upstream
   * handles the packets of a link concurrently.
   */
  static final Duration JOINING = Duration.ofMillis(300);

  /** Progress of the proof that the next link is in all rooms. */
  private enum Proof {
    PAGE_AWAITED,
    OVER_NEXT,
    JOINING,
    OVER_OLD,
    DONE
  }

  private final LinkFence fence;
  private final BooleanSupplier betweenPackets;
  private final long lag;
  private final Timers timers;
  private final FencedAligner aligner = new FencedAligner();
  private @Nullable FencedLink old;
  private @Nullable FencedLink next;
  private boolean linked;
  private Proof proof = Proof.PAGE_AWAITED;
  private long proofNumber;
  private long proofAt;
  private boolean changed;

  /** The old link's event count at the last two checks. */
  private int earlier;

  private int recent;
  private long recentAt;

  /**
   * Creates the fences of a switchover.
   *
   * @param betweenPackets whether a frame sent now would separate no packet from its attachments
   * @param lag maximum delay between the deliveries of an event over two links, in nanoseconds
   */
  Fences(LinkFence fence, BooleanSupplier betweenPackets, long lag, Timers timers) {
    this.fence = fence;
    this.betweenPackets = betweenPackets;
    this.lag = lag;
    this.timers = timers;
    this.recentAt = timers.nanoTime();
  }

  /** Fences the old link, which is in use. Returns the filter for its messages. */
  DetachableListener.Filter old(EngineConnection connection) {
    FencedLink link = new FencedLink(fence, Link.OLD, connection, this);
    old = link;
    return link;
  }

  /** Fences the next link, which is being opened. Returns the filter for its messages. */
  DetachableListener.Filter next(EngineConnection connection) {
    FencedLink link = new FencedLink(fence, Link.NEXT, connection, this);
    next = link;
    return link;
  }

  /** Called when the CONNECT was sent over the next link, whose upstream is known now. */
  void connected() {
    linked = true;
    fence.open();
    if (old != null) {
      old.join();
    }
    if (next != null) {
      next.joinOnceAdmitted();
    }
  }

  /** Sends a probe that shows whether the old upstream has read everything sent so far. */
  void askOld() {
    if (old != null) {
      old.ask();
    }
  }

  /** Returns whether that probe was answered. */
  boolean hasOldRead() {
    return old == null || old.isRead();
  }

  /**
   * Returns the fingerprint by which an event is found on the other link. Copies are a separate
   * stream.
   */
  Fingerprint print(Fingerprint event, Packet packet) {
    return fence.isCopy(packet.text()) ? new Fingerprint(~event.stream(), event.event()) : event;
  }

  /** Records a packet of a link; null for one that the other link cannot carry. */
  void brought(Link link, @Nullable Fingerprint event) {
    aligner.brought(link, event);
    if (!linked && timers.nanoTime() - recentAt > lag) {
      aligner.forgetBefore(earlier);
      earlier = recent;
      recent = aligner.brought(Link.OLD);
      recentAt = timers.nanoTime();
    }
  }

  /** Returns whether no fences are expected, as far as is known. */
  boolean areRefused() {
    return old == null || old.isRefused() || (next != null && next.isRefused());
  }

  /** Returns whether the limit of remembered events is reached. */
  boolean areFull() {
    return aligner.isFull();
  }

  /** Restarts the proof: the page is away, or not in its rooms any more. */
  void pageLeft() {
    proof = Proof.PAGE_AWAITED;
    aligner.joined(false);
  }

  /**
   * Sends what is due.
   *
   * @param confirmedFor nanoseconds since the page has known of the next link; -1 if it does not
   */
  void look(long confirmedFor) {
    if (old == null || next == null) {
      return;
    }
    old.look(lag);
    next.look(lag);
    if (!old.isJoined() || !next.isJoined()) {
      return;
    }
    prove(confirmedFor >= lag);
    // With nothing to align, that proof suffices. Otherwise, fences are not needed much earlier.
    if (!aligner.isEmpty() && confirmedFor >= lag / 2) {
      pace(Link.OLD);
      pace(Link.NEXT);
    }
  }

  private void prove(boolean pageJoined) {
    switch (proof) {
      case PAGE_AWAITED -> {
        if (pageJoined) {
          prove(Link.NEXT, Proof.OVER_NEXT);
        }
      }
      case OVER_NEXT -> {
        if (aligner.isComplete(proofNumber)) {
          proof = Proof.JOINING;
          proofAt = timers.nanoTime();
        }
      }
      case JOINING -> {
        if (timers.nanoTime() - proofAt >= JOINING.toNanos()) {
          prove(Link.OLD, Proof.OVER_OLD);
        }
      }
      case OVER_OLD -> {
        if (aligner.isComplete(proofNumber)) {
          proof = Proof.DONE;
          aligner.joined(true);
          changed = true;
        }
      }
      case DONE -> {
        // The proof is complete.
      }
    }
  }

  private void prove(Link over, Proof then) {
    long number = fence.nextNumber(over);
    if (send(over, number)) {
      proofNumber = number;
      proof = then;
    }
  }

  private void pace(Link over) {
    long now = timers.nanoTime();
    int open = aligner.open(over);
    boolean stands = open >= FEW && now - link(over).lastFenceAt() < SLOW_PACE.toNanos();
    boolean wanted = open < MAX_OPEN && !stands && link(over).isFree();
    if (wanted && fence.isDue(over, now)) {
      send(over, fence.nextNumber(over));
    }
  }

  private FencedLink link(Link which) {
    return Objects.requireNonNull(which == Link.OLD ? old : next);
  }

  private boolean send(Link over, long number) {
    boolean sent = link(over).sendFence(number, timers.nanoTime());
    if (sent) {
      aligner.sent(number, over);
    }
    return sent;
  }

  @Override
  public boolean isBetweenPackets() {
    return betweenPackets.getAsBoolean();
  }

  @Override
  public long nanoTime() {
    return timers.nanoTime();
  }

  @Override
  public void seen(Link on, long number) {
    aligner.seen(on, number, fence.sentOver(number), timers.nanoTime());
    changed = true;
  }

  /** Lets the next check consider events that arrived since. */
  void lookAgain() {
    changed = true;
  }

  /**
   * Returns the only possible alignment, if it is certain.
   *
   * @param until time until which the next link may still deliver what the old one has delivered
   */
  Optional<Alignment> certain(long until) {
    if (!changed || !aligner.isJoined()) {
      return Optional.empty();
    }
    changed = false;
    return aligner.certain(until);
  }

  /** Aligns the streams whose contents are sufficient. Returns those streams. */
  Set<Long> alignLikeliest(Alignment alignment) {
    return aligner.alignLikeliest(alignment);
  }

  /** Lets both links leave. */
  void leave() {
    if (old != null) {
      old.leave();
    }
    if (next != null) {
      next.leave();
    }
  }
}

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
 * The fences of one switchover: has both links take part, paces what is sent, and says when it is
 * certain where the next link goes on. Confined to its session.
 */
final class Fences implements FencedLink.Listener {
  /** More open ones than these say that the upstream stands still. */
  static final int FEW = 4;

  /** Between two fences over a link then. */
  static final Duration SLOW_PACE = Duration.ofMillis(500);

  /** With so many it has stood still for so long that more tell nothing. */
  static final int MAX_OPEN = 16;

  /**
   * An upstream handles packets of one link side by side: a room may be joined so long after the
   * fence that was sent behind the request.
   */
  static final Duration JOINING = Duration.ofMillis(300);

  /** How far the proof has come that the next link is in all rooms. */
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

  /** The old link's events before the last two times that they were looked at. */
  private int earlier;

  private int recent;
  private long recentAt;

  /**
   * @param betweenPackets whether a frame sent now would stand between no packet and its
   *     attachments
   * @param lag how long an event may take over one link after it came over the other, in
   *     nanoseconds
   */
  Fences(LinkFence fence, BooleanSupplier betweenPackets, long lag, Timers timers) {
    this.fence = fence;
    this.betweenPackets = betweenPackets;
    this.lag = lag;
    this.timers = timers;
    this.recentAt = timers.nanoTime();
  }

  /** Fences go over this link, which is in use; what filters its messages. */
  DetachableListener.Filter old(EngineConnection connection) {
    FencedLink link = new FencedLink(fence, Link.OLD, connection, this);
    old = link;
    return link;
  }

  /** The same for the link that is being opened. */
  DetachableListener.Filter next(EngineConnection connection) {
    FencedLink link = new FencedLink(fence, Link.NEXT, connection, this);
    next = link;
    return link;
  }

  /** The next link, whose upstream is known now, has been sent the CONNECT. */
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

  /** Asks whether the old upstream has read what the link has got so far. */
  void askOld() {
    if (old != null) {
      old.ask();
    }
  }

  /** Whether it has. */
  boolean hasOldRead() {
    return old == null || old.isRead();
  }

  /** How an event is found on the other link: copies are a stream of their own. */
  Fingerprint print(Fingerprint event, Packet packet) {
    return fence.isCopy(packet.text()) ? new Fingerprint(~event.stream(), event.event()) : event;
  }

  /** A link has brought an event; null for a packet that the other one cannot bring. */
  void brought(Link link, @Nullable Fingerprint event) {
    aligner.brought(link, event);
    if (!linked && timers.nanoTime() - recentAt > lag) {
      aligner.forgetBefore(earlier);
      earlier = recent;
      recent = aligner.brought(Link.OLD);
      recentAt = timers.nanoTime();
    }
  }

  /** Whether there will be none, as far as is known. */
  boolean areRefused() {
    return old == null || old.isRefused() || (next != null && next.isRefused());
  }

  /** Whether more events came than are remembered. */
  boolean areFull() {
    return aligner.isFull();
  }

  /** The page is not there, or not in its rooms, any more. */
  void pageLeft() {
    proof = Proof.PAGE_AWAITED;
    aligner.joined(false);
  }

  /**
   * Sends what is due.
   *
   * @param confirmedFor how long the page has known of the next link, in nanoseconds; -1 if it does
   *     not
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
    // A session with nothing to align needs no more than that proof, and others none much earlier.
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
        // Nothing more is to be proven.
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

  /** Events that came since may tell, too. */
  void lookAgain() {
    changed = true;
  }

  /**
   * The one alignment there is, if that is certain.
   *
   * @param until when the next link may still bring what the old one has delivered
   */
  Optional<Alignment> certain(long until) {
    if (!changed || !aligner.isJoined()) {
      return Optional.empty();
    }
    changed = false;
    return aligner.certain(until);
  }

  /** Aligns the streams whose contents say where; says which those are. */
  Set<Long> alignLikeliest(Alignment alignment) {
    return aligner.alignLikeliest(alignment);
  }

  /** No link takes part any more. */
  void leave() {
    if (old != null) {
      old.leave();
    }
    if (next != null) {
      next.leave();
    }
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.Message;

/**
 * Defines how a session fences two links to upstreams of one kind: the packets it sends and the
 * packets it recognizes. A <em>fence</em> is a number sent over one link. It marks a position among
 * the events of that link and a later one among those of the other link, because it travels the
 * same way as events. Sessions that move between the same two upstreams see each other's fences.
 * Packets are Socket.IO packets as text, without the frame of the Engine.IO type. Belongs to one
 * switchover. Confined to its session.
 */
public interface LinkFence {
  /** One of the two links. */
  enum Link {
    OLD,
    NEXT
  }

  /** Called once, before any other method, when both upstreams of the move are known. */
  void open();

  /** Returns a unique fence number. The first one is 64 random bits. */
  long nextNumber(Link over);

  /** Returns the link over which this fence was sent, by any session. */
  Link sentOver(long number);

  /**
   * Returns whether another fence is due over a link of this side. The sessions of a group share
   * the pace: a caller that gets true has to send one.
   *
   * @param now steady time in nanoseconds
   */
  boolean isDue(Link over, long now);

  /**
   * Returns an acknowledgement id for a call of the gateway, from a range that clients do not use.
   */
  long nextCall();

  /** Returns a packet that the upstream answers after all events already queued for this link. */
  byte[] probe(long number);

  /**
   * Returns the call that lets a link take part. Until then it receives no fences of other links.
   */
  byte[] join(long call);

  /**
   * Returns whether the upstream of a link answers each {@link #join}. If so, silence is no
   * refusal.
   */
  boolean answersJoins(Link over);

  /**
   * Returns the packet that publishes the fence to the other links. Sent directly after its {@link
   * #probe}.
   */
  byte[] announce(long number);

  /** Returns the call that withdraws a link. No fence packets follow its answer. */
  byte[] leave(long call);

  /** Returns what an upstream's packet means for fences. */
  Sign sign(Message packet);

  /**
   * Returns whether an event is a copy that its upstream sends to all but one sid. Copies are not
   * in order with the events that look like them.
   *
   * @param event the packet's text
   */
  boolean isCopy(byte[] event);

  /**
   * The meaning of a packet for fences.
   *
   * @param number of the fence; 0 if none
   */
  record Sign(What what, long number) {
    /** The packet is unrelated to fences. */
    public static final Sign NONE = new Sign(What.NOTHING, 0);
  }

  /** The kinds of meaning. */
  enum What {
    NOTHING,
    /** The upstream answered a {@link #probe}. */
    ANSWERED,
    /** A fence of another link arrived. */
    ARRIVED,
    /** The link has joined. */
    JOINED,
    /** Another link has joined or left. */
    OTHER
  }
}

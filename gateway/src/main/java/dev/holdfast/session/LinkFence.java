package dev.holdfast.session;

import dev.holdfast.protocol.Message;

/**
 * How a session fences two links to upstreams of one kind: what it sends over a link, and what it
 * finds there. A <em>fence</em> is a number that is sent over one link. It marks a place among the
 * events of that link, and a later place among those of the other one, since it goes there on the
 * way that events go. Sessions that move between the same two upstreams see each other's fences.
 * Packets are Socket.IO packets as text, without the Engine.IO type's frame. Belongs to one
 * switchover. Confined to its session.
 */
public interface LinkFence {
  /** Which of the two links. */
  enum Link {
    OLD,
    NEXT
  }

  /** It is known now between which upstreams the session moves. Called once, before all else. */
  void open();

  /** A number that no other fence has: 64 random bits for the first one. */
  long nextNumber(Link over);

  /** The link that a fence of this number was sent over, by whichever session. */
  Link sentOver(long number);

  /**
   * Whether it is time for another fence over a link of this side. All sessions of a group share
   * the pace: whoever gets true sends one.
   */
  boolean isDue(Link over, long now);

  /** An acknowledgement id for a call of the gateway; clients do not use ids of this range. */
  long nextCall();

  /** Has the upstream answer behind all events that it has given to this link. */
  byte[] probe(long number);

  /** Lets a link take part: only then fences of others come over it. The answer is a call's. */
  byte[] join(long call);

  /** Whether the upstream of a link answers each {@link #join}: its silence is no refusal then. */
  boolean answersJoins(Link over);

  /** Tells the other links of the fence; sent right behind its {@link #probe}. */
  byte[] announce(long number);

  /** Takes a link out again. The answer is a call's, and behind it nothing of a fence comes. */
  byte[] leave(long call);

  /** What a packet of the upstream says about fences. */
  Sign sign(Message packet);

  /**
   * Whether an event is a copy that its upstream sends to all but one sid: it comes in another
   * order than the events that look like it.
   *
   * @param event the packet's text
   */
  boolean isCopy(byte[] event);

  /**
   * What a packet says.
   *
   * @param number of the fence that it is about; 0 if it is about none
   */
  record Sign(What what, long number) {
    /** It has nothing to do with fences. */
    public static final Sign NONE = new Sign(What.NOTHING, 0);
  }

  /** What a packet can say. */
  enum What {
    NOTHING,
    /** The answer to a {@link #probe}. */
    ANSWERED,
    /** The fence has come from another link. */
    ARRIVED,
    /** The link has joined. */
    JOINED,
    /** Another link has joined or left. */
    OTHER
  }
}

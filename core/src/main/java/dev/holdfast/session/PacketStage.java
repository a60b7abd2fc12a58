package dev.holdfast.session;

/**
 * Looks at the packets of a session that it asked for, in its direction. A stage belongs to one
 * session and runs on its thread. If it throws, the session goes on without it, and the packet
 * passes.
 *
 * <p>Downwards, stages see each packet of the upstream once: after a switchover has removed
 * duplicates, and before the packet gets its offset. What is replayed to a client that resumes
 * passes no stages.
 */
public interface PacketStage {
  /** The way of a packet. */
  enum Direction {
    TO_CLIENT,
    TO_UPSTREAM,
    /** Both ways, for a stage that looks at either. */
    BOTH;

    boolean includes(Direction other) {
      return this == other || this == BOTH;
    }
  }

  /** What happens to a packet. */
  enum Verdict {
    PASS,
    /** The packet is dropped, with its attachments. */
    DROP,
    /** The text given to {@link StageContext#replace} takes the packet's place. */
    REPLACED
  }

  /** Returns the name for logs, metrics and snapshots, unique among the stages of a session. */
  String name();

  /** Returns the direction of the packets that the stage wants. */
  Direction direction();

  /** Returns which packets of that direction the stage wants. Called once. */
  PacketFilter filter();

  /** Decides about a packet. The view is valid during the call only. */
  Verdict on(PacketView packet, StageContext session);

  /** Called when the session has entered a phase. */
  default void phase(SessionPhase phase, StageContext session) {}

  /** Returns the state for the session's next node, a few bytes; empty for none. */
  default byte[] save() {
    return new byte[0];
  }

  /** Restores what the stage of this name has {@linkplain #save saved} on the former node. */
  default void restore(byte[] saved, StageContext session) {}
}

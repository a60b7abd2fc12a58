package dev.holdfast.session;

import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.List;
import java.util.Objects;

/**
 * What the next node of a session has to know to go on with it. Its outbox is empty: the client has
 * confirmed everything.
 *
 * @param tag of its offsets
 * @param counter of its last offset; -1 if there was none
 * @param arguments whether offsets are last arguments of events; else they are markers
 * @param silent whether markers begin when the client comes back
 * @param given the pids, and the CONNECT reply that each came with, oldest first
 * @param known whether the client has confirmed that it has one of them
 * @param connect the client's CONNECT packet
 * @param reply the upstream's reply to it
 * @param highestCall the highest acknowledgement id that the client was shown; -1 if none
 * @param unanswered ids of the calls that wait for the client's answer
 * @param paced whether the client's heartbeats have to be kept from multiplying
 */
public record SessionSnapshot(
    String tag,
    long counter,
    boolean arguments,
    boolean silent,
    List<Given> given,
    boolean known,
    String connect,
    String reply,
    long highestCall,
    List<Long> unanswered,
    boolean paced) {

  /** Refuses what no node writes: it may come from another one. */
  public SessionSnapshot {
    Objects.requireNonNull(tag, "tag");
    Objects.requireNonNull(connect, "connect");
    Objects.requireNonNull(reply, "reply");
    given = List.copyOf(given);
    unanswered = List.copyOf(unanswered);
    if (counter < -1) {
      throw new IllegalArgumentException("counter is " + counter + ", at least -1");
    }
  }

  /** A pid, and the CONNECT reply that it came with. */
  public record Given(String pid, String reply) {
    /** Refuses what no node writes. */
    public Given {
      Objects.requireNonNull(pid, "pid");
      Objects.requireNonNull(reply, "reply");
    }
  }

  /** How the client learns its offsets. */
  public OffsetStyle style() {
    OffsetStyle marker = silent ? OffsetStyle.MARKER_AFTER_RESUME : OffsetStyle.MARKER;
    return arguments ? OffsetStyle.ARGUMENT : marker;
  }

  @Override
  public String toString() {
    return "Estate[counter=" + counter + "]";
  }
}

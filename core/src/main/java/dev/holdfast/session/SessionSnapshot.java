package dev.holdfast.session;

import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The state that a session's next node needs to continue it. The log is empty: the client has
 * confirmed everything.
 *
 * @param tag of the session's offsets
 * @param counter of the last offset; -1 if none
 * @param arguments whether offsets are last arguments of events; otherwise they are markers
 * @param silent whether markers start only after the client resumes
 * @param given the pids and their CONNECT replies, oldest first
 * @param known whether the client has confirmed that it has a pid
 * @param connect payload of the client's CONNECT packet
 * @param reply payload of the upstream's CONNECT reply
 * @param highestCall the highest acknowledgement id shown to the client; -1 if none
 * @param unanswered ids of the calls that await the client's answer
 * @param stages what the session's stages have saved, by name, in Base64
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
    Map<String, String> stages) {

  /**
   * Validates a snapshot, which may come from another node.
   *
   * @throws IllegalArgumentException if {@code counter} is below -1
   */
  public SessionSnapshot {
    Objects.requireNonNull(tag, "tag");
    Objects.requireNonNull(connect, "connect");
    Objects.requireNonNull(reply, "reply");
    given = List.copyOf(given);
    unanswered = List.copyOf(unanswered);
    // A node of an older version sends none.
    stages = Map.copyOf(Objects.requireNonNullElse(stages, Map.of()));
    if (counter < -1) {
      throw new IllegalArgumentException("counter is " + counter + ", at least -1");
    }
  }

  /** A pid and the payload of the CONNECT reply that carried it. */
  public record Given(String pid, String reply) {
    /** Rejects null components. */
    public Given {
      Objects.requireNonNull(pid, "pid");
      Objects.requireNonNull(reply, "reply");
    }
  }

  /** Returns how the client learns its offsets. */
  public OffsetStyle style() {
    OffsetStyle marker = silent ? OffsetStyle.MARKER_AFTER_RESUME : OffsetStyle.MARKER;
    return arguments ? OffsetStyle.ARGUMENT : marker;
  }

  @Override
  public String toString() {
    return "SessionSnapshot[counter=" + counter + "]";
  }
}

package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a client's attempt to resume a session.
 *
 * @param listener receives the events of the transport; null unless {@code RECOVERED}
 */
public record ResumeResult(Result result, EngineConnection.@Nullable Listener listener) {
  /** The outcome, as a value of the metric label {@code result}. */
  public enum Result {
    /** The client continues where it was. */
    RECOVERED("recovered"),
    /** The session has ended. */
    EXPIRED("expired"),
    /** Some of what the client missed was not kept. */
    TRIMMED("trimmed"),
    /** The session belongs to another user. */
    FOREIGN("foreign"),
    /** The client has since resumed over a newer connection. */
    GIVEN_UP("given-up"),
    /** There is no such session, or no such position in it. */
    UNKNOWN("unknown");

    private final String label;

    Result(String label) {
      this.label = label;
    }

    /** Returns the value of the label. */
    public String label() {
      return label;
    }
  }

  static ResumeResult refused(Result result) {
    return new ResumeResult(result, null);
  }
}

package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * What comes of a client's wish to go on with a session.
 *
 * @param listener hears what the transport tells from now on; null unless it was recovered
 */
public record ResumeResult(Result result, EngineConnection.@Nullable Listener listener) {
  /** How it went; the values of the label {@code result} of a metric. */
  public enum Result {
    /** The client goes on where it was. */
    RECOVERED("recovered"),
    /** The session is over. */
    EXPIRED("expired"),
    /** Some of what the client has missed was not kept. */
    TRIMMED("trimmed"),
    /** The session belongs to somebody else. */
    FOREIGN("foreign"),
    /** The client has come back over a newer connection since it made this one. */
    GIVEN_UP("given-up"),
    /** No such session, or no such place in it. */
    UNKNOWN("unknown");

    private final String label;

    Result(String label) {
      this.label = label;
    }

    /** The value of the label. */
    public String label() {
      return label;
    }
  }

  static ResumeResult refused(Result result) {
    return new ResumeResult(result, null);
  }
}

package dev.holdfast.upstream;

import java.util.Locale;

/**
 * Why no connection to an upstream came about. Immutable.
 *
 * @param sentence what happened, for logs; without secrets
 * @param refused whether a machine has said that nobody listens there
 */
public record DialFailure(Reason reason, String sentence, boolean refused) {
  /** One that nobody has said anything to. */
  public DialFailure(Reason reason, String sentence) {
    this(reason, sentence, false);
  }

  /** The kinds of failure; {@link #label} is the metric's label value. */
  public enum Reason {
    /** The host name has never been resolved. */
    UNRESOLVED,
    /** No address of it took the connection. */
    UNREACHABLE,
    /** The dial timeout passed. */
    TIMEOUT,
    /** The TLS handshake failed. */
    TLS;

    /** The name in logs and metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}

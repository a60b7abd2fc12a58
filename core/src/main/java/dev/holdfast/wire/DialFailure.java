package dev.holdfast.wire;

import java.util.Locale;

/**
 * Why a connection could not be opened. Immutable.
 *
 * @param sentence what happened, for logs; without secrets
 * @param refused whether the host itself refused the connection
 */
public record DialFailure(Reason reason, String sentence, boolean refused) {
  /** Creates a failure without a refusal by the host. */
  public DialFailure(Reason reason, String sentence) {
    this(reason, sentence, false);
  }

  /** The kinds of failure; {@link #label} is the metric's label value. */
  public enum Reason {
    /** The host name has never been resolved. */
    UNRESOLVED,
    /** No address accepted a connection. */
    UNREACHABLE,
    /** The dial timeout passed. */
    TIMEOUT,
    /** The TLS handshake failed. */
    TLS;

    /** Returns the name in logs and metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}

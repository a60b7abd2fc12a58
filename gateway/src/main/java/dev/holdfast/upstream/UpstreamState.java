package dev.holdfast.upstream;

import java.util.Locale;

/**
 * The state of an upstream. Immutable.
 *
 * @param sentence what was observed, in plain text; without secrets
 */
public record UpstreamState(Kind kind, String sentence) {
  /** Returns whether it may receive new sessions and requests. */
  public boolean healthy() {
    return kind == Kind.HEALTHY;
  }

  /** The states; names in lower case are the metric's label values. */
  public enum Kind {
    /** Not checked yet. */
    UNKNOWN,
    /** {@code /health} and the Engine.IO handshake work. */
    HEALTHY,
    /** No connection: name not resolved, refused, or TLS failed. */
    UNREACHABLE,
    /** Connected, but no response in time. */
    SLOW,
    /** It responds, but not like a working Open WebUI. */
    REFUSING,
    /** It runs with {@code ENABLE_WEBSOCKET_SUPPORT=false}, so no link can be opened. */
    WEBSOCKETS_OFF;

    /** Returns the name in logs and metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}

package dev.holdfast.upstream;

import java.util.Locale;

/**
 * What is known about an upstream. Immutable.
 *
 * @param sentence what was seen, for people; without secrets
 */
public record UpstreamState(Kind kind, String sentence) {
  /** Whether new sessions and requests may go there. */
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
    /** Connected, but no answer in time. */
    SLOW,
    /** It answers, but not as a working Open WebUI does. */
    REFUSING,
    /** It runs with {@code ENABLE_WEBSOCKET_SUPPORT=false}, so no link can be opened. */
    WEBSOCKETS_OFF;

    /** The name in logs and metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}

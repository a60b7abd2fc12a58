package dev.holdfast.engineio;

import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.FrameSink;
import java.util.function.Consumer;

/**
 * The current transport of an Engine.IO session. Used on the session's thread.
 *
 * @param kind its name in metrics and logs
 * @param sink accepts unmasked frames; {@link EngineSocket#writable} reports when it accepts more
 * @param ending closes it, and notifies the client if possible
 * @param leaving sends a close and ends once the client has read it; messages that arrive before
 *     are still passed on; see {@link EngineSocket#fail}
 */
public record Carrier(
    String kind, FrameSink sink, Consumer<CloseReason> ending, Consumer<CloseReason> leaving) {
  /** A WebSocket of the client. */
  public static final String WEBSOCKET = "websocket";

  /** HTTP long-polling. */
  public static final String POLLING = "polling";

  /** A WebSocket of another node, which counts its client. */
  static final String NODE = "node";
}

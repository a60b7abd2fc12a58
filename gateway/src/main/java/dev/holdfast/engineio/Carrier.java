package dev.holdfast.engineio;

import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.FrameSink;
import java.util.function.Consumer;

/**
 * What carries an Engine.IO session right now. Used on the session's thread.
 *
 * @param kind in metrics and logs
 * @param sink takes unmasked frames; {@link EngineSocket#writable} tells when again
 * @param ending ends it, telling the client as far as it can be told
 * @param leaving tells the client, and ends it when that has been heard: what the client has sent
 *     until then is passed on; see {@link EngineSocket#fail}
 */
public record Carrier(
    String kind, FrameSink sink, Consumer<CloseReason> ending, Consumer<CloseReason> leaving) {
  /** The client's WebSocket. */
  public static final String WEBSOCKET = "websocket";

  /** Polling requests. */
  public static final String POLLING = "polling";

  /** A WebSocket of another node, whose client is counted there. */
  static final String NODE = "node";
}

package dev.holdfast.edge;

import dev.holdfast.protocol.EngineError;
import dev.holdfast.session.CloseReason;
import io.undertow.io.Receiver;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;

/** Reads the body of a polling POST, within the limit that the client was told. */
final class PollPost {
  /** What is done with the polling carrier, on its thread. */
  interface Use {
    void with(PollingCarrier polling);
  }

  /** How to get there. */
  interface Route {
    void onPolling(EngineSocket socket, PollExchange poll, Use use);
  }

  private PollPost() {}

  static void receive(
      HttpServerExchange exchange, PollExchange poll, EngineSocket socket, Route route) {
    long limit = socket.terms().maxPayload();
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    if (type != null && type.startsWith("application/octet-stream")) {
      // Binary bodies belong to older revisions.
      exchange.dispatch(SameThreadExecutor.INSTANCE, () -> poll.refuse(EngineError.BAD_REQUEST));
      route.onPolling(socket, poll, polling -> polling.postFailed(CloseReason.PROTOCOL_ERROR));
      return;
    }
    if (exchange.getRequestContentLength() > limit) {
      tooLarge(exchange, poll, socket, route);
      return;
    }
    exchange.dispatch(
        exchange.getIoThread(),
        () ->
            route.onPolling(
                socket,
                poll,
                polling -> {
                  if (polling.beginPost(poll)) {
                    exchange.getIoThread().execute(() -> read(exchange, poll, socket, route));
                  }
                }));
  }

  private static void read(
      HttpServerExchange exchange, PollExchange poll, EngineSocket socket, Route route) {
    Receiver receiver = exchange.getRequestReceiver();
    receiver.setMaxBufferSize((int) Math.min(Integer.MAX_VALUE, socket.terms().maxPayload()));
    receiver.receiveFullBytes(
        // Where the body was not there at once, the exchange ends with the callback unless it is
        // dispatched; the answer may come from another thread.
        (received, body) ->
            received.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> route.onPolling(socket, poll, polling -> polling.post(body, poll))),
        (received, problem) -> {
          if (problem instanceof Receiver.RequestToLargeException) {
            tooLarge(exchange, poll, socket, route);
          } else {
            route.onPolling(socket, poll, polling -> polling.postFailed(CloseReason.CLIENT_LOST));
          }
        });
  }

  private static void tooLarge(
      HttpServerExchange exchange, PollExchange poll, EngineSocket socket, Route route) {
    exchange.setStatusCode(413);
    exchange.setPersistent(false);
    exchange.endExchange();
    route.onPolling(socket, poll, polling -> polling.postFailed(CloseReason.MESSAGE_TOO_BIG));
  }
}

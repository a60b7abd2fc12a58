package dev.holdfast.edge;

import dev.holdfast.protocol.EngineError;
import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One polling request, to be answered once from any thread. */
final class PollExchange {
  private static final Logger LOG = LoggerFactory.getLogger(PollExchange.class);

  /** What to do when a connection closes; one slot for all the requests that it carries. */
  private static final AttachmentKey<AtomicReference<Runnable>> ON_CLOSE =
      AttachmentKey.create(AtomicReference.class);

  private final HttpServerExchange exchange;

  PollExchange(HttpServerExchange exchange) {
    this.exchange = exchange;
  }

  /** Runs the task, on the exchange's thread, if the client goes away before the answer. */
  void onAbort(Runnable task) {
    exchange.getIoThread().execute(() -> slot(exchange.getConnection()).set(task));
  }

  private static AtomicReference<Runnable> slot(ServerConnection connection) {
    AtomicReference<Runnable> slot = connection.getAttachment(ON_CLOSE);
    if (slot == null) {
      AtomicReference<Runnable> fresh = new AtomicReference<>(() -> {});
      connection.putAttachment(ON_CLOSE, fresh);
      connection.addCloseListener(closed -> aborted(Objects.requireNonNull(fresh.get())));
      slot = fresh;
    }
    return slot;
  }

  private static void aborted(Runnable task) {
    try {
      task.run();
    } catch (RejectedExecutionException e) {
      LOG.debug("a poll ends after its session's thread, with the gateway");
    }
  }

  void text(String packet) {
    payload(ByteBuffer.wrap(packet.getBytes(StandardCharsets.US_ASCII)));
  }

  void payload(ByteBuffer payload) {
    answer(200, "text/plain; charset=UTF-8", payload);
  }

  void refuse(EngineError error) {
    answer(
        error.status(),
        "application/json",
        ByteBuffer.wrap(error.json().getBytes(StandardCharsets.US_ASCII)));
  }

  private void answer(int status, String type, ByteBuffer body) {
    exchange
        .getIoThread()
        .execute(
            () -> {
              slot(exchange.getConnection()).set(() -> {});
              if (exchange.isResponseStarted() || exchange.isComplete()) {
                return;
              }
              exchange.setStatusCode(status);
              exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
              exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
              exchange.getResponseSender().send(body, IoCallback.END_EXCHANGE);
            });
  }
}

package dev.holdfast.upstream;

import dev.holdfast.protocol.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens an Engine.IO session over a WebSocket, reads its open packet and closes it. Confined to the
 * WebSocket's serial callbacks.
 *
 * <p>Besides what it learns, it wakes the upstream: python-socketio subscribes to Redis only at the
 * first Engine.IO connection of the process, and a replica that never had one does not hear the
 * answers to its own calls.
 */
final class EngineIoProbe implements WebSocket.Listener {
  private static final int MAX_OPEN_PACKET = 64 * 1024;

  private static final Executor ANSWER_TIME =
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

  private final CompletableFuture<Announced> result = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();

  private EngineIoProbe() {}

  /** Fails with what went wrong, a timeout included; nothing stays open in any case. */
  static CompletableFuture<Announced> open(HttpClient client, URI endpoint, Duration timeout) {
    EngineIoProbe probe = new EngineIoProbe();
    CompletableFuture<WebSocket> opening = client.newWebSocketBuilder().buildAsync(endpoint, probe);
    return opening
        .thenCompose(socket -> probe.result)
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((announced, failed) -> close(opening, failed));
  }

  /** Also closes what opens only after the timeout. */
  private static void close(CompletableFuture<WebSocket> opening, @Nullable Throwable failed) {
    var unused =
        opening.thenCompose(
            socket -> {
              if (failed != null) {
                socket.abort();
                return CompletableFuture.completedFuture(socket);
              }
              // One that does not answer the close is cut off.
              return socket
                  .sendClose(WebSocket.NORMAL_CLOSURE, "")
                  .whenCompleteAsync((sent, problem) -> socket.abort(), ANSWER_TIME);
            });
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      finish();
    } else if (text.length() > MAX_OPEN_PACKET) {
      result.completeExceptionally(new ProtocolException("the upstream's open packet is too long"));
    }
    socket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    result.completeExceptionally(
        new ProtocolException("the upstream closed the WebSocket with " + code));
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable problem) {
    result.completeExceptionally(problem);
  }

  private void finish() {
    try {
      result.complete(Announced.read(text.toString()));
    } catch (ProtocolException problem) {
      result.completeExceptionally(problem);
    }
  }
}

package dev.holdfast;

import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Collects what a WebSocket brings. */
final class TestClient implements WebSocket.Listener {
  private static final int PATIENCE_SECONDS = 20;
  private static final int POLL_MILLIS = 10;

  private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final StringBuilder part = new StringBuilder();

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      texts.add(part.toString());
      part.setLength(0);
    }
    socket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    closed.complete(code + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    closed.completeExceptionally(error);
  }

  /** The next text message. */
  String text() throws InterruptedException {
    String text = texts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (text == null) {
      throw new AssertionError("no message came");
    }
    return text;
  }

  /** The next text message that is neither a ping nor a marker. */
  String message() throws InterruptedException {
    String text = text();
    while (text.equals("2") || text.startsWith("42[\"~o\"")) {
      text = text();
    }
    return text;
  }

  /** Code and reason of the close frame; empty if a message comes instead that begins so. */
  String closedOr(String start) throws InterruptedException {
    while (!closed.isDone()) {
      String text = texts.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
      if (text != null && text.startsWith(start)) {
        return "";
      }
    }
    return closed();
  }

  /** Code and reason of the close frame. */
  String closed() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }
}

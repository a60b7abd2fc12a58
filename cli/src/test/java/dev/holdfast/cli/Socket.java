package dev.holdfast.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A browser's socket, on the JDK's client: packets out, packets in. What the gateway adds for
 * itself is left out.
 */
final class Socket implements WebSocket.Listener, AutoCloseable {
  private static final int DEADLINE_SECONDS = 20;
  private static final Pattern MARKER = Pattern.compile("42\\[\"~o\",\"(.*)\"]");

  private final BlockingQueue<String> packets = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final WebSocket webSocket;
  private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
  private volatile String offset = "";

  private Socket(HttpClient client, URI page) {
    URI url =
        URI.create("ws://" + page.getAuthority() + "/ws/socket.io/?EIO=4&transport=websocket");
    // Who names an origin gets its offsets from the start.
    this.webSocket =
        client
            .newWebSocketBuilder()
            .header("Origin", "http://" + page.getAuthority())
            .buildAsync(url, this)
            .join();
  }

  static Socket open(HttpClient client, URI page) {
    return new Socket(client, page);
  }

  void send(String packet) {
    enqueue(webSocket, packet).join();
  }

  /** The JDK's client takes one message at a time: each waits for the one before. */
  private synchronized CompletableFuture<?> enqueue(WebSocket same, String packet) {
    sent = sent.thenCompose(before -> same.sendText(packet, true));
    return sent;
  }

  /** The next packet, pings apart. */
  String next() throws InterruptedException {
    String packet = packets.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    if (packet == null) {
      throw new AssertionError("no packet within " + DEADLINE_SECONDS + " s");
    }
    return packet;
  }

  /** Where the last packet that was received stands, for a resume. */
  String offset() {
    return offset;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket same, CharSequence part, boolean last) {
    text.append(part);
    same.request(1);
    if (!last) {
      return null;
    }
    String packet = text.toString();
    text.setLength(0);
    if (packet.equals("2")) {
      return enqueue(same, "3");
    }
    Matcher marker = MARKER.matcher(packet);
    if (marker.matches()) {
      offset = marker.group(1);
    } else {
      packets.add(packet);
    }
    return null;
  }

  @Override
  public void close() {
    webSocket.abort();
  }
}

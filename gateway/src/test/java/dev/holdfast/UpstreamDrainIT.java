package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.config.Settings;
import dev.holdfast.time.Awaiting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions are moved from one of two upstreams, which share their rooms, to the other. */
class UpstreamDrainIT {
  private static final int CLIENTS = 12;
  private static final int TIMEOUT = 30;
  private static final String START = "42[\"events\",{\"chat_id\":\"c\",\"n\":";

  private final HttpClient http = HttpClient.newHttpClient();
  private final EchoUpstream one = new EchoUpstream();
  private final EchoUpstream other = new EchoUpstream();
  private final Gateway gateway;
  private final List<Page> pages = new ArrayList<>();
  private final ScheduledExecutorService emitter = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger sent = new AtomicInteger();

  UpstreamDrainIT() throws Exception {
    gateway =
        Gateway.start(
            Settings.of(
                Map.of(
                    "listen",
                    "127.0.0.1:0",
                    "admin.listen",
                    "127.0.0.1:0",
                    "admin.token",
                    TestNode.ADMIN_TOKEN,
                    "threads.io",
                    "2",
                    "upstreams",
                    one.uri() + "," + other.uri(),
                    "resume.parked-per-user",
                    "100",
                    "drain.timeout",
                    "8s",
                    "switchover.overlap",
                    "3s",
                    "switchover.lag",
                    "600ms")));
  }

  @AfterEach
  void stop() {
    emitter.shutdownNow();
    gateway.close();
    one.close();
    other.close();
  }

  /** Keeps the numbers of the events that come, and answers pings. */
  private static final class Page implements WebSocket.Listener {
    private final List<Integer> numbers = new CopyOnWriteArrayList<>();
    private final List<String> replies = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final StringBuilder part = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        String packet = part.toString();
        part.setLength(0);
        if (packet.equals("2")) {
          var unused = socket.sendText("3", true);
        } else if (packet.startsWith("40")) {
          replies.add(packet);
        } else if (packet.startsWith(START)) {
          int end = packet.indexOf('}');
          numbers.add(Integer.parseInt(packet, START.length(), end, 10));
        }
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code + " " + reason);
      return null;
    }
  }

  private long healthy() {
    int port = gateway.adminAddress().orElseThrow().getPort();
    URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
    return http.sendAsync(
            HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
        .join()
        .body()
        .lines()
        .filter(line -> line.startsWith("holdfast_upstream_state"))
        .filter(line -> line.contains("state=\"healthy\"") && line.endsWith(" 1.0"))
        .count();
  }

  private void connect() throws InterruptedException {
    Awaiting.until(() -> healthy() == 2);
    URI uri =
        URI.create(
            "ws://127.0.0.1:"
                + gateway.address().getPort()
                + "/ws/socket.io/?EIO=4&transport=websocket");
    for (int i = 0; i < CLIENTS; i++) {
      Page page = new Page();
      pages.add(page);
      http.newWebSocketBuilder()
          .buildAsync(uri, page)
          .thenCompose(socket -> socket.sendText("40", true))
          .orTimeout(TIMEOUT, TimeUnit.SECONDS)
          .join();
    }
    Awaiting.until(() -> pages.stream().noneMatch(page -> page.replies.isEmpty()));
  }

  /** Both upstreams say it to everybody in the room. */
  private void emit() {
    String packet = START + sent.getAndIncrement() + "}]";
    one.emit(packet);
    other.emit(packet);
  }

  @Test
  void clientsMissAndNoticeNothing() throws Exception {
    connect();
    EchoUpstream from = one.connections() == CLIENTS ? one : other;
    EchoUpstream to = from == one ? other : one;
    assertThat(from.connections()).isEqualTo(CLIENTS);
    var unused = emitter.scheduleAtFixedRate(this::emit, 0, 10, TimeUnit.MILLISECONDS);

    int left = gateway.drainUpstream(name(from)).get(TIMEOUT, TimeUnit.SECONDS);
    emitter.shutdown();
    assertThat(emitter.awaitTermination(TIMEOUT, TimeUnit.SECONDS)).isTrue();
    Awaiting.until(() -> pages.stream().allMatch(page -> page.numbers.contains(sent.get() - 1)));

    assertThat(left).isZero();
    Awaiting.until(() -> from.connections() == 0);
    assertThat(to.connections()).isEqualTo(CLIENTS);
    for (Page page : pages) {
      assertThat(page.numbers).isEqualTo(IntStream.range(0, sent.get()).boxed().toList());
      assertThat(page.replies).hasSize(2);
      assertThat(page.closed).isNotDone();
    }
  }

  @Test
  void drainedUpstreamGetsNoSessionUntilItIsUndrained() throws Exception {
    connect();
    EchoUpstream usual = one.connections() == CLIENTS ? one : other;
    EchoUpstream spare = usual == one ? other : one;
    assertThat(gateway.drainUpstream(name(spare)).join()).isZero();
    assertThatThrownBy(() -> gateway.drainUpstream(name(usual)))
        .hasMessageContaining("could not go to another upstream");

    gateway.undrainUpstream(name(spare));
    assertThat(gateway.drainUpstream(name(usual)).join()).isZero();
    connect();

    Awaiting.until(() -> usual.connections() == 0);
    // A health check may have one for a moment.
    Awaiting.until(() -> spare.connections() == 2 * CLIENTS);
  }

  private static String name(EchoUpstream upstream) {
    return "127.0.0.1:" + upstream.uri().getPort();
  }
}

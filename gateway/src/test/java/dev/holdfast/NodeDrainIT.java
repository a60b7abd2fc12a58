package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.Awaiting;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions of a node that stops are taken over by those that their clients come back to. */
class NodeDrainIT {
  private static final int CLIENTS = 12;
  private static final int TIMEOUT = 30;
  private static final Pattern EVENT = Pattern.compile("42\\[\"n\",(\\d+),\"([^\"]+)\"]");
  private static final Pattern MARKER = Pattern.compile("42\\[\"~o\",\"([^\"]+)\"]");
  private static final Pattern REPLY = Pattern.compile("40.*\"pid\":\"([^\"]+)\".*");

  private final EchoUpstream upstream = new EchoUpstream();
  private final TestCluster cluster;
  private final List<Page> pages = new ArrayList<>();
  private final ExecutorService background = Executors.newCachedThreadPool();
  private final ScheduledExecutorService emitter = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger emitted = new AtomicInteger();

  NodeDrainIT() throws Exception {
    cluster =
        TestCluster.of(
            3,
            "upstreams",
            upstream.uri().toString(),
            "resume.mode",
            "argument",
            "resume.parked-per-user",
            "100",
            "drain.timeout",
            "8s",
            "switchover.lag",
            "600ms");
  }

  @AfterEach
  void stop() {
    emitter.shutdownNow();
    background.shutdownNow();
    cluster.close();
    upstream.close();
  }

  /** A client that comes back to the next node when its connection is closed. */
  private final class Page implements WebSocket.Listener {
    private final List<Integer> numbers = new CopyOnWriteArrayList<>();
    private final List<String> replies = new CopyOnWriteArrayList<>();
    private final AtomicInteger node = new AtomicInteger();
    private final StringBuilder part = new StringBuilder();
    private volatile @Nullable WebSocket socket;
    private volatile String pid = "";
    private volatile String offset = "";

    private void open() {
      String resume =
          pid.isEmpty() ? "" : "{\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"}";
      socket = cluster.node(node.get()).webSocket("EIO=4&transport=websocket", this);
      var unused = socket.sendText("40" + resume, true);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        heard(from, part.toString());
        part.setLength(0);
      }
      from.request(1);
      return null;
    }

    /** Its connection breaks, and it asks that node for its session, by an earlier pid. */
    private void comeBackTo(int other, String earlier) {
      Objects.requireNonNull(socket).abort();
      pid = earlier;
      node.set(other);
      open();
    }

    private void heard(WebSocket from, String packet) {
      Matcher event = EVENT.matcher(packet);
      Matcher reply = REPLY.matcher(packet);
      Matcher marker = MARKER.matcher(packet);
      if (packet.equals("2")) {
        var unused = from.sendText("3", true);
      } else if (event.matches()) {
        numbers.add(Integer.valueOf(event.group(1)));
        offset = event.group(2);
      } else if (marker.matches()) {
        offset = marker.group(1);
      } else if (reply.matches()) {
        replies.add(packet);
        pid = reply.group(1);
      }
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      node.incrementAndGet();
      var unused = CompletableFuture.runAsync(this::open, background);
      return null;
    }
  }

  private void connect() throws InterruptedException {
    for (int i = 0; i < CLIENTS; i++) {
      Page page = new Page();
      pages.add(page);
      page.open();
    }
    Awaiting.until(() -> pages.stream().noneMatch(page -> page.offset.isEmpty()));
  }

  private void emit() {
    upstream.emit("42[\"n\"," + emitted.getAndIncrement() + "]");
  }

  private CompletableFuture<Void> draining(int node) {
    return CompletableFuture.runAsync(
            () -> cluster.node(node).gateway().drainAndClose(), background)
        .orTimeout(TIMEOUT, TimeUnit.SECONDS);
  }

  /** All has come, once and in order, and this node has all sessions. */
  private void everythingIsAt(int node) throws InterruptedException {
    emitter.shutdown();
    assertThat(emitter.awaitTermination(TIMEOUT, TimeUnit.SECONDS)).isTrue();
    Awaiting.until(() -> pages.stream().allMatch(it -> it.numbers.contains(emitted.get() - 1)));
    for (Page page : pages) {
      assertThat(page.numbers).isEqualTo(IntStream.range(0, emitted.get()).boxed().toList());
      assertThat(page.node).hasValue(node);
    }
    Awaiting.until(() -> upstream.connections() == CLIENTS);
  }

  @Test
  void nodesThatStopTogetherLeaveTheirSessionsToTheRest() throws Exception {
    connect();
    var unused = emitter.scheduleAtFixedRate(this::emit, 0, 10, TimeUnit.MILLISECONDS);

    CompletableFuture<Void> first = draining(0);
    Awaiting.until(() -> pages.stream().allMatch(it -> it.replies.size() == 2));
    draining(1).join();
    first.join();

    cluster.node(2).awaitMetric("holdfast_handoffs_total{side=\"received\"} 12.0");
    everythingIsAt(2);
  }

  @Test
  void nodesThatHoldItsSessionsAreWaitedForThoughNoneIsRegistered() throws Exception {
    connect();
    pages.forEach(page -> page.comeBackTo(1, page.pid));
    cluster.node(1).awaitMetric("holdfast_splices_asked_total{result=\"joined\"} 12.0");
    var unused = emitter.scheduleAtFixedRate(this::emit, 0, 10, TimeUnit.MILLISECONDS);
    cluster.forgetNodes();

    draining(0).join();

    cluster.node(1).awaitMetric("holdfast_handoffs_total{side=\"received\"} 12.0");
    everythingIsAt(1);
  }

  @Test
  void nodeThatGaveASessionAwayKnowsWhereItWentThoughTheRegistryIsAway() throws Exception {
    var unused = emitter.scheduleAtFixedRate(this::emit, 0, 10, TimeUnit.MILLISECONDS);
    connect();
    List<String> pids = pages.stream().map(page -> page.pid).toList();
    Page gone = new Page();
    gone.open();
    Awaiting.until(() -> !gone.pid.isEmpty());
    Objects.requireNonNull(gone.socket).abort();
    CompletableFuture<Void> drain = draining(0);
    cluster.node(1).awaitMetric("holdfast_handoffs_total{side=\"received\"} 12.0");
    cluster.forgetMoves(Duration.ofHours(1));

    for (int i = 0; i < CLIENTS; i++) {
      pages.get(i).comeBackTo(2, pids.get(i));
    }

    cluster.node(2).awaitMetric("holdfast_splices_asked_total{result=\"joined\"} 12.0");
    drain.join();
    assertThat(pages).noneMatch(page -> page.pid.startsWith("c."));
  }
}

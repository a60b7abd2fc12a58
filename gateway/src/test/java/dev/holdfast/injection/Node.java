package dev.holdfast.injection;

import dev.holdfast.Gateway;
import dev.holdfast.config.Settings;
import dev.holdfast.redis.RedisProcess;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A real node with one I/O thread, in front of two upstreams and on a real Redis, and a session
 * beside everything else that happens.
 */
final class Node implements Closeable {
  /** To an upstream, for HTTP. */
  static final int CONNECTIONS = 4;

  static final String TOKEN = "a token of the tests";

  static final String UPGRADE =
      """
      GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r
      Host: h\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** What is taken now, and is as before when those who took it have gone. */
  private static final List<String> GAUGES =
      List.of(
          "holdfast_quota_taken{",
          "holdfast_buffer_bytes ",
          "holdfast_outbox_bytes ",
          "holdfast_transports{",
          "holdfast_sessions ",
          "holdfast_links{",
          "holdfast_proxy_active ",
          "holdfast_proxy_held ",
          "holdfast_passthrough_websockets ");

  private final RedisProcess redis;
  private final Backend upstream = new Backend();
  private final Backend spare = new Backend();
  private final Gateway gateway;
  private @Nullable Peer beside;
  private Map<String, String> quiet = Map.of();

  private Node(RedisProcess redis) throws IOException {
    this.redis = redis;
    this.gateway =
        Gateway.start(
            Settings.of(
                Map.ofEntries(
                    Map.entry("listen", "127.0.0.1:0"),
                    Map.entry("admin.listen", "127.0.0.1:0"),
                    Map.entry("admin.token", TOKEN),
                    Map.entry("threads.io", "1"),
                    Map.entry("upstreams", upstream.uri() + "," + spare.uri()),
                    Map.entry("upstream.health-interval", "100ms"),
                    Map.entry("upstream.resolve-interval", "100ms"),
                    Map.entry("redis.url", "redis://127.0.0.1:" + redis.port()),
                    Map.entry("cluster.secret", "a secret of the tests"),
                    Map.entry("node.beat", "100ms"),
                    Map.entry("node.advertise", "127.0.0.1:1"),
                    Map.entry("resume.mode", "off"),
                    // The session beside answers none.
                    Map.entry("socketio.ping-interval", "1h"),
                    Map.entry("drain.timeout", "1s"),
                    // A polling client that got no answer has gone.
                    Map.entry("limits.polling-idle", "500ms"),
                    Map.entry("proxy.connections", Integer.toString(CONNECTIONS)),
                    Map.entry("proxy.hold", "0s"))));
  }

  /** One that is ready. */
  static Node start() throws IOException, InterruptedException {
    Node node = new Node(RedisProcess.start());
    node.await(Node::isHealthy);
    node.await(metrics -> "1.0".equals(metrics.get("holdfast_redis_up")));
    node.join();
    return node;
  }

  Scenario.Place place() {
    return new Scenario.Place(
        gateway.address(), gateway.adminAddress().orElseThrow(), spare.uri().getAuthority());
  }

  private void join() throws IOException, InterruptedException {
    Peer peer = new Peer(gateway.address()).send(UPGRADE);
    peer.head();
    peer.frame("40{}").frameWith("40");
    beside = peer;
    Map<String, String> before = gauges();
    TimeUnit.MILLISECONDS.sleep(300);
    quiet = gauges();
    if (!before.equals(quiet)) {
      throw new IllegalStateException("it is not quiet: " + before + " " + quiet);
    }
  }

  /**
   * Whether the node goes on: the session beside, other requests, what it does by itself; and
   * whether all that was taken is back.
   *
   * @throws AssertionError if not
   */
  void goesOn() throws IOException, InterruptedException {
    try {
      Objects.requireNonNull(beside).frame("42[\"beside\"]").frameWith("42[\"beside\"]");
    } catch (IOException ended) {
      throw new AssertionError("the session beside: " + ended, ended);
    }
    try {
      try (Peer peer = new Peer(gateway.address())) {
        String got = peer.send("GET /beside HTTP/1.1\r\nHost: h\r\n\r\n").response();
        if (!got.startsWith("200 ")) {
          throw new AssertionError("a request beside: " + got);
        }
      }
    } catch (IOException silent) {
      throw new AssertionError("a request beside: " + silent, silent);
    }
    await(metrics -> gauges(metrics).equals(quiet));
  }

  /** Whether it does by itself what it did. */
  void works() throws IOException, InterruptedException {
    double checks = sum(metrics(), "holdfast_upstream_checks_total{");
    double commands = sum(metrics(), "holdfast_redis_commands_total");
    await(
        metrics ->
            sum(metrics, "holdfast_upstream_checks_total{") >= checks + 4
                && sum(metrics, "holdfast_redis_commands_total") >= commands + 2
                && "1.0".equals(metrics.get("holdfast_redis_up"))
                && isHealthy(metrics));
  }

  private static boolean isHealthy(Map<String, String> metrics) {
    return metrics.entrySet().stream()
            .filter(it -> it.getKey().contains("state=\"healthy\""))
            .filter(it -> it.getValue().equals("1.0"))
            .count()
        == 2;
  }

  private static double sum(Map<String, String> metrics, String name) {
    return metrics.entrySet().stream()
        .filter(it -> it.getKey().startsWith(name))
        .mapToDouble(it -> Double.parseDouble(it.getValue()))
        .sum();
  }

  private void await(Predicate<Map<String, String>> condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    Map<String, String> metrics = metrics();
    while (!condition.test(metrics)) {
      if (System.nanoTime() > deadline) {
        Map<String, String> differs = gauges(metrics);
        differs.entrySet().removeAll(quiet.entrySet());
        throw new AssertionError("not as before: " + differs);
      }
      TimeUnit.MILLISECONDS.sleep(2);
      metrics = metrics();
    }
  }

  private Map<String, String> gauges() throws IOException {
    return gauges(metrics());
  }

  private static Map<String, String> gauges(Map<String, String> metrics) {
    Map<String, String> gauges = new TreeMap<>(metrics);
    gauges.keySet().removeIf(name -> GAUGES.stream().noneMatch((name + " ")::startsWith));
    gauges.values().removeIf("0.0"::equals);
    return gauges;
  }

  private Map<String, String> metrics() throws IOException {
    Map<String, String> metrics = new TreeMap<>();
    try (Peer peer = new Peer(gateway.adminAddress().orElseThrow())) {
      String page = peer.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n").response();
      page.lines()
          .filter(line -> line.startsWith("holdfast_"))
          .forEach(
              line -> {
                int end = line.lastIndexOf(' ');
                metrics.put(line.substring(0, end), line.substring(end + 1));
              });
    }
    return metrics;
  }

  @Override
  public void close() throws IOException {
    if (beside != null) {
      beside.close();
    }
    gateway.close();
    upstream.close();
    spare.close();
    redis.close();
  }
}

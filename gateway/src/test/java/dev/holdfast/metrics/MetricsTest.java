package dev.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Path PAGE = Path.of("..", "docs", "metrics.md");
  private static final Pattern DOCUMENTED =
      Pattern.compile("^\\| `(holdfast_\\w+)` \\| (\\w+) \\| ([^|]*)\\|", Pattern.MULTILINE);
  private static final Pattern DECLARED =
      Pattern.compile("^# TYPE (holdfast_\\w+) (\\w+)$", Pattern.MULTILINE);

  private final Metrics metrics = new Metrics();

  @Test
  void pageDocumentsEveryMetricAndNoOther() throws IOException {
    everythingHappens();

    var documented =
        DOCUMENTED
            .matcher(Files.readString(PAGE))
            .results()
            .map(row -> row.group(1) + " " + row.group(2))
            .collect(Collectors.toCollection(TreeSet::new));
    var declared =
        DECLARED
            .matcher(scrape())
            .results()
            .map(line -> line.group(1) + " " + line.group(2))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(declared).isNotEmpty().isEqualTo(documented);
  }

  @Test
  void pageNamesTheLabelsOfEveryMetric() throws IOException {
    everythingHappens();
    String scraped = scrape();

    assertThat(DOCUMENTED.matcher(Files.readString(PAGE)).results())
        .allSatisfy(
            row ->
                assertThat(labels(scraped, row.group(1)))
                    .as(row.group(1))
                    .isEqualTo(row.group(3).replace("`", "").replace(" ", "")));
  }

  @Test
  void gaugesGoDownAgain() {
    everythingHappens();

    assertThat(scrape())
        .contains(
            "holdfast_transports{kind=\"websocket\"} 0.0",
            "holdfast_sessions 0.0",
            "holdfast_links{upstream=\"webui:8080\"} 0.0",
            "holdfast_passthrough_websockets 0.0",
            "holdfast_sessions_parked 0.0",
            "holdfast_proxy_active 0.0");
  }

  @Test
  void upstreamIsInOneState() {
    metrics.upstreamState("webui:8080", State.IN_ORDER);
    metrics.upstreamState("webui:8080", State.BROKEN);

    assertThat(scrape())
        .contains(
            "holdfast_upstream_state{state=\"in-order\",upstream=\"webui:8080\"} 0.0",
            "holdfast_upstream_state{state=\"broken\",upstream=\"webui:8080\"} 1.0");
  }

  @Test
  void framesAreCountedBySender() {
    metrics.framesIn("client", 2, 30);
    metrics.framesIn("upstream", 5, 700);

    assertThat(scrape())
        .contains(
            "holdfast_frames_received_total{side=\"client\"} 2.0",
            "holdfast_frames_received_total{side=\"upstream\"} 5.0",
            "holdfast_frame_received_bytes_total{side=\"client\"} 30.0",
            "holdfast_frame_received_bytes_total{side=\"upstream\"} 700.0");
  }

  @Test
  void statusThatIsNoneIsOneLabelValue() {
    metrics.proxyRequest("webui:8080", 999, Duration.ZERO);
    metrics.proxyRequest("webui:8080", -1, Duration.ZERO);

    assertThat(scrape())
        .contains("holdfast_proxy_requests_total{status=\"other\",upstream=\"webui:8080\"} 2.0");
  }

  @Test
  void eventsThatAreNeitherDeliveredNorGivenUpWait() {
    metrics.resume().accepted(10);
    metrics.resume().delivered(6);
    metrics.resume().givenUp("expired", 1);
    metrics.resume().givenUp("drained", 1);

    assertThat(scrape())
        .contains(
            "holdfast_events_waiting 2.0",
            "holdfast_events_given_up_total{reason=\"drained\"} 1.0");
  }

  @Test
  void figuresOfTheJvmAreThere() {
    assertThat(scrape())
        .contains("jvm_memory_used_bytes", "jvm_gc_collection_seconds", "jvm_threads_current");
  }

  private void everythingHappens() {
    metrics.pollingFallback().found("no-upgrade");
    metrics.pollingFallback().reply("rewritten");
    metrics.transportOpened("websocket");
    metrics.transportClosed("websocket", "transport-close");
    metrics.sessionOpened();
    metrics.sessionClosed("client-close", Duration.ofSeconds(3));
    metrics.refused("origin");
    metrics.heartbeatMissed();
    metrics.stageFailed("heartbeat");
    metrics.framesIn("client", 1, 10);
    metrics.linkOpened("webui:8080");
    metrics.linkClosed("webui:8080", "upstream-close");
    metrics.linkFailed("webui:8080", "timeout");
    metrics.upstreamState("webui:8080", State.IN_ORDER);
    metrics.upstreamChecked("webui:8080", true, Duration.ofMillis(3));
    metrics.proxyActive(1);
    metrics.proxyRequest("webui:8080", 200, Duration.ofMillis(3));
    metrics.proxyActive(-1);
    metrics.proxyHeld(1);
    metrics.proxyHeld(-1);
    metrics.passThroughOpened();
    metrics.passThroughClosed();
    metrics.eventLoopLag(Duration.ofMillis(1));
    metrics.adminRefused("host");
    metrics.bufferBytes(() -> 16_384);
    metrics.quotas(Map.of("head-bytes", () -> 1), Map.of("head-bytes", () -> 1));
    metrics.accepting(() -> true);
    metrics.overloaded(Map.of("event-loop", () -> false));
    metrics.nodes(() -> 2);
    metrics.unreachedNodes(() -> 1);
    metrics.internalError("connection");
    lostConnections();
    betweenNodes();
    withRedis();
  }

  private void withRedis() {
    RedisMetrics redis = new RedisMetrics(metrics.registry());
    redis.up(true);
    redis.sent(3);
    redis.failed("timeout");
    redis.rewritten();
    redis.refused("message", "forged");
    redis.clockDifference(Duration.ofSeconds(1));
  }

  private void betweenNodes() {
    NodeMetrics nodes = metrics.nodes();
    nodes.forwardStarted();
    nodes.refused("forged");
    nodes.forwarded("answered");
    nodes.tunnelOpened();
    nodes.tunnelClosed();
    nodes.spliced("joined");
    nodes.handoff("sent");
    nodes.spliceOpened();
    nodes.spliceClosed();
  }

  private void lostConnections() {
    ResumeMetrics resume = metrics.resume();
    resume.parked(1);
    resume.parked(-1);
    resume.resumed("recovered");
    resume.replayed(2, 300);
    resume.stalled(Duration.ofSeconds(2));
    resume.accepted(10);
    resume.delivered(6);
    resume.givenUp("expired", 1);
    resume.relinked("webui:8080", "connected");
    resume.displaced();
    resume.answerDropped();
    resume.switchedOver("aligned", "");
    resume.outboxBytes(() -> 4096);
  }

  /** The label names of the metric's first sample, but for those of its type. */
  private static String labels(String scraped, String name) {
    return Pattern.compile("^" + name + "(?:_count)?\\{(.*?)} ", Pattern.MULTILINE)
        .matcher(scraped)
        .results()
        .map(MatchResult::group)
        .findFirst()
        .map(sample -> Pattern.compile("(\\w+)=").matcher(sample).results())
        .map(names -> names.map(each -> each.group(1)).sorted(MetricsTest::upstreamFirst))
        .map(names -> names.collect(Collectors.joining(",")))
        .orElse("");
  }

  /** The page names the thing before its property. */
  private static int upstreamFirst(String one, String other) {
    return one.equals("upstream") ? -1 : other.equals("upstream") ? 1 : one.compareTo(other);
  }

  private String scrape() {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    try {
      ExpositionFormats.init()
          .getPrometheusTextFormatWriter()
          .write(page, metrics.registry().scrape());
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return page.toString(StandardCharsets.UTF_8);
  }

  private enum State {
    IN_ORDER,
    BROKEN
  }
}

package dev.holdfast.upstream;

import static dev.holdfast.upstream.UpstreamState.Kind.HEALTHY;
import static dev.holdfast.upstream.UpstreamState.Kind.REFUSING;
import static dev.holdfast.upstream.UpstreamState.Kind.SLOW;
import static dev.holdfast.upstream.UpstreamState.Kind.UNREACHABLE;
import static dev.holdfast.upstream.UpstreamState.Kind.WEBSOCKETS_OFF;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.Announced;
import dev.holdfast.time.Awaiting;
import dev.holdfast.upstream.UpstreamState.Kind;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

class UpstreamsIT {
  private static XnioWorker worker;

  private final StandInOpenWebUi webui = StandInOpenWebUi.start();
  private final Metrics metrics = new Metrics();

  // Each test starts its own, after setting up what it will meet.
  @SuppressWarnings("NullAway.Init")
  private Upstreams upstreams;

  @BeforeAll
  static void startThreads() throws IOException {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 1).getMap());
  }

  @AfterAll
  static void stopThreads() {
    worker.shutdown();
  }

  @AfterEach
  void stop() {
    upstreams.close();
    webui.close();
  }

  @Test
  void upstreamIsHealthyAfterItsFirstCheckAndItsLimitsAreKnown() throws IOException {
    Upstream upstream = watch("1h");

    awaitState(upstream, HEALTHY);
    assertThat(upstreams.anyHealthy()).isTrue();
    assertThat(upstream.announced())
        .isEqualTo(new Announced(Duration.ofSeconds(25), Duration.ofSeconds(20), 16_777_216));
    assertThat(webui.connectionHeaders).containsExactly("Upgrade");
  }

  @Test
  void probeClosesItsSession() throws Exception {
    watch("1h");

    assertThat(webui.closeCodes.poll(20, TimeUnit.SECONDS)).isEqualTo(1000);
  }

  @Test
  void upstreamThatStartsLaterIsSeenSoon() throws IOException {
    webui.close();
    Upstream upstream = watch("1h");
    awaitState(upstream, UNREACHABLE);
    assertThat(upstreams.choose("user")).isEmpty();

    try (StandInOpenWebUi started = StandInOpenWebUi.startAgain(webui.uri())) {
      awaitState(upstream, HEALTHY);
      assertThat(started.handshakes.get()).isEqualTo(1);
      assertThat(upstreams.choose("user")).contains(upstream);
    }
  }

  @Test
  void failedDialIsCheckedWithoutWaitingForTheInterval() throws IOException {
    Upstream upstream = watch("1h");
    awaitState(upstream, HEALTHY);
    webui.close();

    upstream.connect(worker.getIoThread(), new Ignored());

    awaitState(upstream, UNREACHABLE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void websocketsThatAreOffAreNamed(boolean saidByConfig) throws IOException {
    webui.websockets = false;
    webui.config = saidByConfig;
    webui.pollingInstead = true;
    Upstream upstream = watch("1h");

    awaitState(upstream, WEBSOCKETS_OFF);
    assertThat(upstream.state().sentence())
        .isEqualTo("it accepts no WebSocket: set ENABLE_WEBSOCKET_SUPPORT=true in Open WebUI");
    assertThat(stateMetric(upstream))
        .containsEntry("websockets-off", 1.0)
        .containsEntry("healthy", 0.0);
  }

  @Test
  void handshakeThatIsRefusedThoughWebsocketsAreOnIsToldApart() throws IOException {
    webui.websockets = false;
    webui.config = false;
    Upstream upstream = watch("1h");

    awaitState(upstream, REFUSING);
    assertThat(upstream.state().sentence()).isEqualTo("the handshake was answered with 403");
  }

  @Test
  void wrongFirstPacketIsRefused() throws IOException {
    webui.open = "40{}";
    Upstream upstream = watch("1h");

    awaitState(upstream, REFUSING);
    assertThat(upstream.state().sentence()).isEqualTo("the first packet is not an open packet");
  }

  @Test
  void errorOfTheHealthPageIsRefusal() throws IOException {
    webui.health = 503;
    Upstream upstream = watch("1h");

    awaitState(upstream, REFUSING);
    assertThat(upstream.state().sentence()).isEqualTo("/health answers 503");
  }

  @Test
  void serverWithoutHealthPageIsJudgedByItsHandshake() throws IOException {
    webui.health = 404;

    awaitState(watch("1h"), HEALTHY);
  }

  @Test
  void silentUpstreamIsSlow() throws IOException {
    webui.silent = true;

    awaitState(watch("1h"), SLOW);
  }

  @Test
  void handshakesAreRarerThanHealthChecks() throws IOException {
    Upstream upstream = watch("100ms");

    Awaiting.until("13 checks", () -> webui.checks.get() >= 13);

    assertThat(webui.handshakes.get()).isBetween(3, 5);
    assertThat(upstream.state().kind()).isEqualTo(HEALTHY);
  }

  @Test
  void openedLinkStandsInForTheHandshake() throws IOException {
    Upstream upstream = watch("100ms");
    awaitState(upstream, HEALTHY);
    Announced learnt = new Announced(Duration.ofSeconds(1), Duration.ofSeconds(2), 3);

    webui.onCheck = () -> upstream.linkOpened(learnt);
    awaitChecks(2);
    int before = webui.handshakes.get();
    awaitChecks(8);

    assertThat(webui.handshakes.get()).isEqualTo(before);
    assertThat(upstream.announced()).isEqualTo(learnt);
  }

  @Test
  void usersOfAnUpstreamThatGoesMoveAndComeBack() throws IOException {
    try (StandInOpenWebUi other = StandInOpenWebUi.start()) {
      start("300ms", List.of(webui.uri(), other.uri()));
      upstreams.all().forEach(each -> awaitState(each, HEALTHY));
      Map<String, Upstream> before = choices();
      assertThat(before.values()).containsAll(upstreams.all());

      webui.health = 500;
      awaitState(upstreams.all().get(0), REFUSING);
      assertThat(choices().values()).containsOnly(upstreams.all().get(1));

      webui.health = 200;
      awaitState(upstreams.all().get(0), HEALTHY);
      assertThat(choices()).isEqualTo(before);
    }
  }

  @Test
  void heartbeatIntervalIsLearntAgainAfterARestart() throws IOException {
    Upstream upstream = watch("1h");
    awaitHeartbeat(upstream, 30);
    webui.close();
    upstream.dialFailed();
    awaitState(upstream, UNREACHABLE);

    try (StandInOpenWebUi started = StandInOpenWebUi.startAgain(webui.uri())) {
      started.heartbeat = ",\"websocket_heartbeat_interval\":7";
      awaitHeartbeat(upstream, 7);
    }
  }

  @Test
  void upstreamWhoseConfigIsSilentIsHealthyAndAskedAgain() throws IOException {
    webui.configSilent = true;
    Upstream upstream = watch("100ms");
    awaitState(upstream, HEALTHY);
    awaitChecks(3);
    assertThat(upstream.heartbeatInterval()).isEmpty();

    webui.configSilent = false;
    awaitHeartbeat(upstream, 30);
  }

  @Test
  void listenerHearsOfEachReturnToHealth() throws IOException {
    webui.health = 500;
    Upstream upstream = watch("100ms");
    AtomicInteger returns = new AtomicInteger();
    upstreams.onHealthy(returns::incrementAndGet);
    awaitState(upstream, REFUSING);
    assertThat(returns).hasValue(0);

    webui.health = 200;
    Awaiting.until("health", () -> returns.get() == 1);
    awaitChecks(2);
    webui.health = 500;
    awaitState(upstream, REFUSING);
    webui.health = 200;
    Awaiting.until("health again", () -> returns.get() == 2);
  }

  private static void awaitHeartbeat(Upstream upstream, int seconds) {
    Optional<Duration> interval = Optional.of(Duration.ofSeconds(seconds));
    Awaiting.until(
        "heartbeat each " + seconds + " s", () -> upstream.heartbeatInterval().equals(interval));
  }

  private void awaitChecks(int more) {
    int target = webui.checks.get() + more;
    Awaiting.until(more + " checks", () -> webui.checks.get() >= target);
  }

  private Map<String, Upstream> choices() {
    return IntStream.range(0, 50)
        .mapToObj("user-%d"::formatted)
        .collect(Collectors.toMap(key -> key, key -> upstreams.choose(key).orElseThrow()));
  }

  private Upstream watch(String interval) throws IOException {
    start(interval, List.of(webui.uri()));
    return upstreams.all().get(0);
  }

  private void start(String interval, List<URI> uris) throws IOException {
    Map<String, String> texts = new HashMap<>();
    texts.put("upstreams", uris.stream().map(URI::toString).collect(Collectors.joining(",")));
    texts.put("upstream.health-interval", interval);
    boolean fast = webui.silent || webui.configSilent;
    texts.put("upstream.health-timeout", fast ? "200ms" : "10s");
    upstreams = Upstreams.start(Settings.of(texts), worker, metrics);
  }

  private static void awaitState(Upstream upstream, Kind kind) {
    Awaiting.until(upstream + " to be " + kind, () -> upstream.state().kind() == kind);
  }

  private Map<String, Double> stateMetric(Upstream upstream) {
    return metrics.registry().scrape("holdfast_upstream_state"::equals).stream()
        .flatMap(snapshot -> Stream.of((GaugeSnapshot) snapshot))
        .flatMap(gauge -> gauge.getDataPoints().stream())
        .filter(point -> upstream.name().equals(point.getLabels().get("upstream")))
        .collect(
            Collectors.toMap(
                point -> String.valueOf(point.getLabels().get("state")),
                GaugeSnapshot.GaugeDataPointSnapshot::getValue));
  }

  private static final class Ignored implements ConnectCallback {
    @Override
    public void connected(StreamConnection connection) {
      throw new AssertionError("connected to nothing");
    }

    @Override
    public void failed(DialFailure failure) {
      assertThat(failure.reason()).isEqualTo(DialFailure.Reason.UNREACHABLE);
    }
  }
}

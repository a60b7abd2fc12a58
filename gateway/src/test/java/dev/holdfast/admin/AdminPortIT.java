package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Registry;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.config.Settings;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.metrics.Metrics;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

class AdminPortIT {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Metrics metrics = new Metrics();
  private final Part upstreams = new Part("upstreams");
  private final Part node = new Part("node");
  private final Registry registry = new FailingRegistry();
  private volatile @Nullable Throwable fault;
  private XnioWorker worker;
  private HttpPort port;

  @BeforeEach
  void open() throws IOException {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 2).getMap());
    port =
        AdminPort.open(
            admin("127.0.0.1:0"),
            Set.of("node-a"),
            worker,
            metrics,
            List.of(upstreams, node),
            new Api(registry, Optional.empty()));
  }

  private static Settings admin(String listen) {
    return Settings.of(Map.of("admin.listen", listen, "admin.token", "0123456789abcdef"));
  }

  @AfterEach
  void close() {
    port.close();
    worker.shutdown();
  }

  @Test
  void nodeIsAliveAndReadyWithoutProblems() throws Exception {
    assertThat(answer("GET", "/healthz").body()).isEqualTo("{\"alive\":true}");
    assertThat(answer("GET", "/readyz").statusCode()).isEqualTo(200);
    assertThat(answer("GET", "/readyz").body()).isEqualTo("{\"ready\":true,\"problems\":{}}");
  }

  @Test
  void nodeWithAProblemIsAliveButNotReady() throws Exception {
    node.problem = Optional.of("it is \"draining\"");

    HttpResponse<String> answer = answer("GET", "/readyz");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .isEqualTo("{\"ready\":false,\"problems\":{\"node\":\"it is \\\"draining\\\"\"}}");
    assertThat(answer("GET", "/healthz").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/* | text/plain; version=0.0.4; charset=utf-8 | # TYPE holdfast_sessions gauge",
        "application/openmetrics-text; version=1.0.0 | application/openmetrics-text; version=1.0.0; charset=utf-8 | # EOF"
      })
  void metricsComeInTheFormatThatIsAskedFor(String accept, String type, String content)
      throws Exception {
    HttpResponse<String> answer =
        client.send(
            request("/metrics").header("Accept", accept).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains(type);
    assertThat(answer.body()).contains(content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/healthz/", "/metrics/x", "/../readyz", "/readyz%00"})
  void otherPagesAreNotFound(String path) throws Exception {
    HttpResponse<String> answer = answer("GET", path);

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("{\"error\":\"no such page\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void nothingCanBeChanged(String method) throws Exception {
    HttpResponse<String> answer = answer(method, "/healthz");

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/healthz", "/readyz", "/metrics"})
  void headIsAnsweredWithoutBody(String path) throws Exception {
    HttpResponse<String> answer = answer("HEAD", path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void addressInUseIsNamed() {
    String taken = "127.0.0.1:" + port.address().getPort();

    assertThatThrownBy(
            () ->
                AdminPort.open(
                    admin(taken),
                    Set.of(),
                    worker,
                    metrics,
                    List.of(),
                    new Api(registry, Optional.empty())))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot listen on " + taken + ": ");
  }

  @Test
  @Timeout(20)
  void lagOfIoThreadsIsMeasured() throws Exception {
    EventLoopLag lag = EventLoopLag.measure(worker, metrics);

    String counted = "(?s).*\nholdfast_event_loop_lag_seconds_count [1-9].*";
    String body = answer("GET", "/metrics").body();
    while (!body.matches(counted)) {
      body = answer("GET", "/metrics").body();
    }
    lag.close();
  }

  @Test
  @Timeout(20)
  void threadThatStandsStillIsLateUntilItGoesOn() throws Exception {
    CountDownLatch goesOn = new CountDownLatch(1);
    try (EventLoopLag lag = EventLoopLag.measure(worker, metrics)) {
      worker.getIoThread(1).execute(() -> await(goesOn));
      Optional<String> late = lag.warning();
      while (late.isEmpty()) {
        late = lag.warning();
      }
      assertThat(late.get()).matches("an I/O thread runs [0-9]+ ms late");

      goesOn.countDown();
      while (lag.warning().isPresent()) {
        Thread.onSpinWait();
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of("/readyz", "/metrics", "/api/v1/nodes")
        .flatMap(
            path ->
                Stream.of(new StackOverflowError("a fault"), new IllegalStateException("a fault"))
                    .map(thrown -> Arguments.of(path, thrown)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void pageThatThrowsEndsItsRequestWith500(String path, Throwable thrown) throws Exception {
    metrics
        .registry()
        .register((Collector) () -> failed(GaugeSnapshot.builder().name("x").build()));
    node.check = () -> failed(Optional.empty());
    fault = thrown;
    try (LogLines log = new LogLines()) {
      assertThat(answer("GET", path).statusCode()).isEqualTo(500);

      assertThat(answer("GET", "/healthz").statusCode()).isEqualTo(200);
      assertThat(log.traces()).containsExactly("a fault");
    }
    fault = null;
    assertThat(answer("GET", path).statusCode()).isEqualTo(200);
    assertThat(answer("GET", "/metrics").body())
        .contains("holdfast_internal_errors_total{where=\"request\"} 1.0");
  }

  /** Throws the fault that is set, else returns this. */
  private <T> T failed(T otherwise) {
    if (fault instanceof Error error) {
      throw error;
    }
    if (fault instanceof RuntimeException exception) {
      throw exception;
    }
    return otherwise;
  }

  private HttpResponse<String> answer(String method, String path) throws Exception {
    return client.send(
        request(path).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.address().getPort() + path))
        .header("Authorization", "Bearer 0123456789abcdef");
  }

  private static final class Part implements Readiness {
    private final String name;
    private volatile Optional<String> problem = Optional.empty();
    private volatile Supplier<Optional<String>> check = () -> problem;

    Part(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Optional<String> problem() {
      return check.get();
    }
  }

  private final class FailingRegistry implements Registry {
    @Override
    public NodeId self() {
      return new NodeId("self");
    }

    @Override
    public List<Member> nodes() {
      return failed(List.of());
    }

    @Override
    public Map<NodeId, Collection<SessionRecord>> sessions() {
      return Map.of();
    }

    @Override
    public Commands commands() {
      return new Commands() {
        @Override
        public void send(NodeId to, Command command) {}

        @Override
        public void sendAll(Command command) {}

        @Override
        public void onCommand(Consumer<Command> listener) {}
      };
    }
  }
}

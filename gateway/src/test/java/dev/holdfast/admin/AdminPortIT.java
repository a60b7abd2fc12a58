package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.config.HostPort;
import dev.holdfast.http.HttpPort;
import dev.holdfast.metrics.Metrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
  private XnioWorker worker;
  private HttpPort port;

  @BeforeEach
  void open() throws IOException {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, 2).getMap());
    port =
        AdminPort.open(
            new HostPort("127.0.0.1", 0),
            worker,
            metrics,
            List.of(upstreams, node),
            Optional.empty());
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
    HostPort taken = new HostPort("127.0.0.1", port.address().getPort());

    assertThatThrownBy(() -> AdminPort.open(taken, worker, metrics, List.of(), Optional.empty()))
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

  private HttpResponse<String> answer(String method, String path) throws Exception {
    return client.send(
        request(path).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + port.address().getPort() + path));
  }

  private static final class Part implements Readiness {
    private final String name;
    private volatile Optional<String> problem = Optional.empty();

    Part(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Optional<String> problem() {
      return problem;
    }
  }
}

package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import dev.holdfast.time.Awaiting;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** When a balancer should send traffic elsewhere, and when it should not. */
class ReadyIT {
  private static final String SLOW = "none is healthy: 127\\.0\\.0\\.1:[0-9]+ is slow ";

  private static TestNode behind(TcpRelay relay) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("upstreams", "http://127.0.0.1:" + relay.address().getPort());
    settings.put("upstream.health-interval", "100ms");
    settings.put("upstream.health-timeout", "300ms");
    return TestNode.unready(settings);
  }

  private static void isReady(TestNode node) {
    HttpResponse<String> answer = node.admin("/readyz");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"ready\":true");
  }

  @Test
  void nodeWhoseUpstreamGetsSlowStaysReadyAndSaysSo() throws Exception {
    try (EchoUpstream upstream = new EchoUpstream();
        TcpRelay relay = new TcpRelay(upstream.address());
        TestNode node = behind(relay)) {
      Awaiting.until(() -> node.admin("/readyz").statusCode() == 200);

      relay.fallSilent();

      Awaiting.until(
          () -> {
            isReady(node);
            return node.admin("/readyz").body().contains("is slow");
          });
      assertThat(node.admin("/readyz").body()).containsPattern("\"upstreams\":\"" + SLOW);
      isReady(node);
      relay.refuse();
      Awaiting.until(() -> node.admin("/readyz").statusCode() == 503);
    }
  }

  @Test
  void nodeWhoseUpstreamWasNeverHealthyIsNotReady() throws Exception {
    try (EchoUpstream upstream = new EchoUpstream();
        TcpRelay relay = new TcpRelay(upstream.address())) {
      relay.fallSilent();
      try (TestNode node = behind(relay)) {
        Awaiting.until(() -> node.admin("/readyz").body().contains("is slow"));

        assertThat(node.admin("/readyz").statusCode()).isEqualTo(503);
        assertThat(node.admin("/readyz").body())
            .containsPattern("\"problems\":\\{\"upstreams\":\"" + SLOW);
      }
    }
  }

  @Test
  void nodeThatTakesNoMoreConnectionsStaysReadyAndSaysSo() throws Exception {
    try (LogLines log = new LogLines();
        TestNode node = TestNode.with("limits.connections", "1")) {
      assertThat(node.admin("/readyz").body()).doesNotContain("limits.connections");

      node.openPolling();

      isReady(node);
      assertThat(node.admin("/readyz").body())
          .containsPattern("\"overload\":\"[^\"]*limits.connections is nearly used up");
      assertThat(node.admin("/metrics").body())
          .contains("holdfast_overloaded{sign=\"limits.connections\"} 1.0")
          .contains("holdfast_overloaded{sign=\"limits.buffers\"} 0.0");
      log.await("this node is overloaded: limits.connections is nearly used up");
    }
  }

  private static int publicly(TestNode node, String path) {
    URI uri = node.engine("").resolve(path);
    return node.send(HttpRequest.newBuilder(uri)).statusCode();
  }

  @Test
  void balancersAreToldAtThePublicPort() throws Exception {
    try (TestNode node = TestNode.with("drain.timeout", "1s")) {
      URI page = node.engine("").resolve("/holdfast/ready");
      HttpResponse<String> answer = node.send(HttpRequest.newBuilder(page));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("ready\n");

      node.openPolling();
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> node.gateway().drain());
      Awaiting.until(() -> publicly(node, "/holdfast/ready") == 503);
      stopping.join();
      assertThat(node.send(HttpRequest.newBuilder(page)).body()).isEqualTo("not ready\n");
    }
  }

  @Test
  void pageForBalancersCanBeOpenWebUis() throws Exception {
    try (TestNode node = TestNode.with("proxy.ready-page", "false")) {
      URI page = node.engine("").resolve("/holdfast/ready");

      assertThat(node.send(HttpRequest.newBuilder(page)).body()).isNotEqualTo("ready\n");
      assertThat(publicly(node, "/holdfast/ready")).isEqualTo(publicly(node, "/holdfast/other"));
    }
  }

  @Test
  void nodeWhoseThreadsStandStillAnswersAndSaysSo() throws Exception {
    List<Socket> clients = new ArrayList<>();
    try (TestNode node = TestNode.with("threads.io", "2");
        BlockedLog log = new BlockedLog()) {
      Awaiting.until(
          () -> {
            clients.add(refused(node.port(), clients.size() + 2));
            return log.waiting.size() == 2;
          });

      Awaiting.until(
          () -> {
            HttpResponse<String> answer =
                node.admin("/readyz", it -> it.timeout(Duration.ofSeconds(5)));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return answer.body().contains("\"overload\":\"an I/O thread runs ");
          });
      assertThat(node.admin("/metrics").statusCode()).isEqualTo(200);
      log.goesOn.countDown();
      Awaiting.until(() -> !node.admin("/readyz").body().contains("overload"));
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /** A client whose request is refused, which is logged: of its address for the first time. */
  private static Socket refused(int port, int lastOfAddress) {
    try {
      InetAddress from = InetAddress.getByName("127.0.0." + lastOfAddress);
      Socket client = new Socket(InetAddress.getLoopbackAddress(), port, from, 0);
      String request = "GET /ws/socket.io/x HTTP/1.1\r\nHost: x\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Holds back every I/O thread for clients that logs, as a full pipe does. */
  private static final class BlockedLog extends UnsynchronizedAppenderBase<ILoggingEvent>
      implements Closeable {
    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private final Logger logger;

    BlockedLog() {
      logger = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("dev.holdfast");
      logger.setLevel(Level.INFO);
      start();
      logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (Thread.currentThread().getName().startsWith("holdfast I/O")) {
        waiting.add(Thread.currentThread());
        try {
          goesOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void close() {
      goesOn.countDown();
      logger.detachAppender(this);
    }
  }
}

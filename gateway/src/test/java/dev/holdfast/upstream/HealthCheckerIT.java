package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.HostHeader;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.Awaiting;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/** Checks, links and requests of one upstream look its name up once and dial in one way. */
class HealthCheckerIT {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final StandInOpenWebUi webui = StandInOpenWebUi.start();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, HealthCheckers.daemon("watch-test"));
  private final AtomicInteger lookups = new AtomicInteger();
  private final AtomicInteger foundHealthy = new AtomicInteger();
  private volatile List<String> known = List.of();

  @SuppressWarnings("NullAway.Init")
  private CheckClient client;

  @BeforeEach
  void open() throws IOException {
    client = CheckClient.open();
  }

  @AfterEach
  void stop() {
    timer.shutdownNow();
    client.close();
    webui.close();
  }

  @Test
  void upstreamIsHealthyAsSoonAsItsNameIsFound() {
    Upstream upstream = watched();
    Awaiting.until("lookups without an address", () -> lookups.get() > 2);

    assertThat(upstream.state().kind()).isEqualTo(UpstreamState.Kind.UNREACHABLE);
    assertThat(upstream.state().sentence()).isEqualTo("host name webui is not known");
    assertThat(foundHealthy).hasValue(0);

    known = List.of("127.0.0.1");
    Awaiting.until("healthy", upstream::ready);
  }

  @Test
  void deadFirstAddressesKeepNobodyFromTheUpstream() throws InterruptedException {
    known = List.of("127.0.0.9", "127.0.0.8", "127.0.0.1");

    Upstream upstream = watched();
    Awaiting.until("healthy", upstream::ready);

    BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
    upstream.connect(
        client.thread(),
        new ConnectCallback() {
          @Override
          public void connected(StreamConnection connection) {
            IoUtils.safeClose(connection);
            outcomes.add("connected");
          }

          @Override
          public void failed(DialFailure failure) {
            outcomes.add(failure);
          }
        });
    assertThat(outcomes.poll(PATIENT.toSeconds(), TimeUnit.SECONDS)).isEqualTo("connected");
    assertThat(upstream.announced().maxPayload()).isEqualTo(16_777_216);
  }

  private Upstream watched() {
    URI uri = URI.create("http://webui:" + webui.uri().getPort());
    AddressLookup addresses =
        new AddressLookup("webui", webui.uri().getPort(), Runnable::run, this::look);
    Dialer dialer = new Dialer(uri, addresses, Optional.empty(), PATIENT, () -> {});
    Upstream upstream = new Upstream(uri, HostHeader.CLIENT, dialer);
    HealthProbe probe =
        new HealthProbe(client, dialer, CheckRequest.of(Settings.of(Map.of()), uri), PATIENT);
    new HealthChecker(upstream, probe, timer, new Metrics(), HOUR, foundHealthy::incrementAndGet)
        .start();
    return upstream;
  }

  private InetAddress[] look(String host) throws UnknownHostException {
    lookups.incrementAndGet();
    List<String> now = known;
    if (now.isEmpty()) {
      throw new UnknownHostException(host);
    }
    InetAddress[] found = new InetAddress[now.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.getAllByName(now.get(i))[0];
    }
    return found;
  }
}

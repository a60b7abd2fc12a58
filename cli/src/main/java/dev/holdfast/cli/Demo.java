package dev.holdfast.cli;

import dev.holdfast.Gateway;
import dev.holdfast.cli.demo.StandIn;
import dev.holdfast.config.Configuration;
import dev.holdfast.config.Flag;
import dev.holdfast.config.Settings;
import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A gateway and its stand-in upstream in one process, both on the loopback address. */
final class Demo implements Closeable {
  private static final int PAUSE_MILLIS = 20;
  private static final int MOST_TRIES = 500;

  private final StandIn standIn;
  private final Gateway gateway;

  private Demo(StandIn standIn, Gateway gateway) {
    this.standIn = standIn;
    this.gateway = gateway;
  }

  /**
   * Starts to serve on this port; 0 selects a free one.
   *
   * @param environment used only to locate the admin token
   * @throws IOException if the port is taken
   */
  static Demo start(int port, Map<String, String> environment) throws IOException {
    StandIn standIn = StandIn.start();
    try {
      Gateway gateway = Gateway.start(settings(port, standIn.address(), environment));
      Demo demo = new Demo(standIn, gateway);
      demo.awaitReady();
      return demo;
    } catch (IOException e) {
      standIn.close();
      throw e;
    }
  }

  /**
   * Waits until the gateway has found the stand-in healthy; before that a page would only get a
   * 503.
   */
  private void awaitReady() throws IOException {
    URI readiness = admin().resolve("/readyz");
    Executor pause = CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    for (int tries = 0; HealthCommand.status(readiness) != HttpURLConnection.HTTP_OK; tries++) {
      if (tries == MOST_TRIES) {
        close();
        throw new IOException("the stand-in does not become healthy");
      }
      CompletableFuture.runAsync(() -> {}, pause).join();
    }
  }

  private static Settings settings(
      int port, InetSocketAddress upstream, Map<String, String> environment) {
    Map<String, String> places = new HashMap<>(environment);
    places.keySet().retainAll(Set.of("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"));
    List<Flag> flags =
        Stream.of(
                "listen=127.0.0.1:" + port,
                "admin.listen=127.0.0.1:0",
                "upstreams=" + ServeCommand.url("http", upstream),
                "upstream.health-interval=1s",
                "drain.timeout=2s")
            .map(SettingsOptions::flag)
            .toList();
    return Configuration.load(flags, places, Optional.empty()).settings();
  }

  URI page() {
    return URI.create(ServeCommand.url("http", gateway.address()) + "/");
  }

  URI upstream() {
    return URI.create(ServeCommand.url("http", standIn.address()));
  }

  URI admin() {
    return gateway
        .adminAddress()
        .map(address -> URI.create(ServeCommand.url("http", address)))
        .orElseThrow();
  }

  @Override
  public void close() {
    gateway.drainAndClose();
    standIn.close();
  }
}

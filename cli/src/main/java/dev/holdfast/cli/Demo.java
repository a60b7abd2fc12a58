package dev.holdfast.cli;

import dev.holdfast.Gateway;
import dev.holdfast.cli.demo.StandIn;
import dev.holdfast.config.Settings;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;

/** A gateway and its stand-in upstream in one process, both on the loopback address. */
final class Demo implements Closeable {
  private final StandIn standIn;
  private final Gateway gateway;

  private Demo(StandIn standIn, Gateway gateway) {
    this.standIn = standIn;
    this.gateway = gateway;
  }

  /**
   * Serves at this port; 0 takes a free one.
   *
   * @throws IOException if the port is taken
   */
  static Demo start(int port) throws IOException {
    StandIn standIn = StandIn.start();
    try {
      return new Demo(standIn, Gateway.start(settings(port, standIn.address())));
    } catch (IOException e) {
      standIn.close();
      throw e;
    }
  }

  private static Settings settings(int port, InetSocketAddress upstream) {
    return Settings.of(
        Map.of(
            "listen", "127.0.0.1:" + port,
            "admin.listen", "127.0.0.1:0",
            "upstreams", ServeCommand.url("http", upstream),
            "upstream.health-interval", "1s",
            "drain.timeout", "2s"));
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
    gateway.drain();
    standIn.close();
  }
}

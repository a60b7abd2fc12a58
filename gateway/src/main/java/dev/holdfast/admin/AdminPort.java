package dev.holdfast.admin;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.SteadyClock;
import io.undertow.UndertowOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xnio.OptionMap;
import org.xnio.XnioWorker;

/** The HTTP port for operators: {@code /healthz}, {@code /readyz}, {@code /metrics} and the API. */
public final class AdminPort {
  private static final int BACKLOG = 1000;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final long HEADS_BYTES = 1024 * 1024;

  /** Taken from the file descriptors that the public port leaves free. */
  private static final long CONNECTIONS = 50;

  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);
  private static final long MAX_BODY_BYTES = 1024;
  private static final int IDLE_MILLIS = 60_000;

  private AdminPort() {}

  /**
   * Starts to listen, on the threads of this worker.
   *
   * @param names host names under which this node may be addressed
   * @param readiness the node is ready if none of these has a problem
   * @throws IOException if the address cannot be bound, or if it is reachable from other machines
   *     and there is no token
   */
  public static HttpPort open(
      Settings admin,
      Set<String> names,
      XnioWorker worker,
      Metrics metrics,
      List<Readiness> readiness,
      Api api)
      throws IOException {
    HostPort listen = admin.get(EdgeKeys.ADMIN_LISTEN).orElseThrow();
    FailedTries tries =
        new FailedTries(
            admin.get(EdgeKeys.ADMIN_FAILED_TRIES),
            admin.get(EdgeKeys.ADMIN_FAILED_TRIES_WINDOW),
            SteadyClock::nanoTime);
    AccessControl access = new AccessControl(AdminToken.of(admin, listen), names, tries);
    OptionMap options =
        OptionMap.builder()
            .set(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY_BYTES)
            .set(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
            .getMap();
    // Separate quotas, so that clients of the public port cannot exhaust them.
    Quotas quotas =
        new Quotas(
            Map.of(
                Quotas.Resource.HEAD_BYTES, HEADS_BYTES,
                Quotas.Resource.CONNECTIONS, CONNECTIONS));
    HttpPort.Heads heads = new HttpPort.Heads(MAX_HEADER_BYTES, HEAD_TIMEOUT);
    HttpPort.Clients clients = new HttpPort.Clients(quotas, address -> false, Optional.empty());
    return HttpPort.open(
        new HttpPort.Setup(listen.unresolved(), BACKLOG, Optional.empty(), heads, clients, options),
        worker,
        metrics,
        new AdminHandler(metrics, readiness, access, new ApiHandler(api, metrics)));
  }
}

package dev.holdfast.admin;

import dev.holdfast.config.HostPort;
import dev.holdfast.http.HttpPort;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import io.undertow.UndertowOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xnio.OptionMap;
import org.xnio.XnioWorker;

/** The listener for operators: {@code /healthz}, {@code /readyz}, {@code /metrics} and the API. */
public final class AdminPort {
  private static final int BACKLOG = 1000;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final long HEADS_BYTES = 1024 * 1024;
  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);
  private static final long MAX_BODY_BYTES = 1024;
  private static final int IDLE_MILLIS = 60_000;

  private AdminPort() {}

  /**
   * Listens, on the threads of this worker.
   *
   * @param readiness all of them must be without a problem for the node to be ready
   * @param api empty if it is not to be had
   * @throws IOException if the address cannot be bound
   */
  public static HttpPort open(
      HostPort listen,
      XnioWorker worker,
      Metrics metrics,
      List<Readiness> readiness,
      Optional<ApiHandler> api)
      throws IOException {
    OptionMap options =
        OptionMap.builder()
            .set(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY_BYTES)
            .set(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
            .getMap();
    // Its own, so that clients of the other port cannot use it up.
    Quotas quotas = new Quotas(Map.of(Quotas.Resource.HEAD_BYTES, HEADS_BYTES));
    HttpPort.Heads heads = new HttpPort.Heads(MAX_HEADER_BYTES, HEAD_TIMEOUT, quotas);
    return HttpPort.open(
        new HttpPort.Setup(listen, BACKLOG, Optional.empty(), heads, options),
        worker,
        metrics,
        new AdminHandler(metrics, readiness, api));
  }
}

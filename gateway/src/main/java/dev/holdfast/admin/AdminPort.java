package dev.holdfast.admin;

import dev.holdfast.config.HostPort;
import dev.holdfast.http.HttpPort;
import dev.holdfast.metrics.Metrics;
import io.undertow.UndertowOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.xnio.OptionMap;
import org.xnio.XnioWorker;

/** The listener for operators: {@code /healthz}, {@code /readyz}, {@code /metrics} and the API. */
public final class AdminPort {
  private static final int BACKLOG = 1000;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
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
            .set(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
            .set(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY_BYTES)
            .set(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
            .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, IDLE_MILLIS)
            .getMap();
    return HttpPort.open(
        new HttpPort.Setup(listen, BACKLOG, Optional.empty(), options),
        worker,
        metrics,
        new AdminHandler(metrics, readiness, api));
  }
}

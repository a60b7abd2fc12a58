package dev.holdfast.admin;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.List;

/**
 * Tells balancers on the public port whether this node takes new sessions. It responds with 200 or
 * 503 and no details, since it is accessible to everyone. Thread-safe.
 */
public final class ReadyPage implements HttpHandler {
  /** The path of the page. */
  public static final String PATH = "/holdfast/ready";

  private final List<Readiness> readiness;

  /** Responds with 200 while none of these has a problem. */
  public ReadyPage(List<Readiness> readiness) {
    this.readiness = List.copyOf(readiness);
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    boolean ready = readiness.stream().allMatch(it -> it.problem().isEmpty());
    exchange.setStatusCode(ready ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE);
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
    exchange.getResponseSender().send(ready ? "ready\n" : "not ready\n");
  }
}

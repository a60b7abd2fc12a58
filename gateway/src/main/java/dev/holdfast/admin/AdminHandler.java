package dev.holdfast.admin;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.SteadyClock;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.util.List;
import java.util.Optional;

/** Serves the admin port to permitted callers; read-only apart from the API. Thread-safe. */
final class AdminHandler implements HttpHandler {
  private static final JsonMapper JSON = new JsonMapper();

  private final Metrics metrics;
  private final MetricsPage page;
  private final List<Readiness> readiness;
  private final AccessControl access;
  private final ApiHandler api;
  private final RefusalLog log = new RefusalLog(SteadyClock::nanoTime);

  AdminHandler(Metrics metrics, List<Readiness> readiness, AccessControl access, ApiHandler api) {
    this.metrics = metrics;
    this.page = new MetricsPage(metrics);
    this.readiness = List.copyOf(readiness);
    this.access = access;
    this.api = api;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    Optional<Refusal> refusal = access.refusal(exchange);
    if (refusal.isPresent()) {
      refuse(exchange, refusal.get());
      return;
    }
    if (exchange.getRequestPath().startsWith(ApiHandler.PREFIX + "/")) {
      api.handleRequest(exchange);
      return;
    }
    if (!exchange.getRequestMethod().equals(Methods.GET)
        && !exchange.getRequestMethod().equals(Methods.HEAD)) {
      exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
      refuse(exchange, StatusCodes.METHOD_NOT_ALLOWED, "only GET and HEAD");
      return;
    }
    switch (exchange.getRequestPath()) {
      case "/healthz" ->
          answer(exchange, StatusCodes.OK, JSON.createObjectNode().put("alive", true));
      case "/readyz" -> ready(exchange);
      case "/metrics" -> page.handleRequest(exchange);
      default -> refuse(exchange, StatusCodes.NOT_FOUND, "no such page");
    }
  }

  private void ready(HttpServerExchange exchange) {
    ObjectNode problems = JSON.createObjectNode();
    for (Readiness each : readiness) {
      Optional<String> problem = each.problem();
      problem.ifPresent(sentence -> problems.put(each.name(), sentence));
    }
    ObjectNode body = JSON.createObjectNode().put("ready", problems.isEmpty());
    body.set("problems", problems);
    readiness.forEach(each -> each.state().ifPresent(state -> body.put(each.name(), state)));
    answer(exchange, problems.isEmpty() ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE, body);
  }

  private void refuse(HttpServerExchange exchange, Refusal why) {
    metrics.adminRefused(why.label());
    log.refused(why, exchange.getSourceAddress().getAddress());
    if (why == Refusal.FAILED_TRIES) {
      long seconds = access.wait(exchange).toSeconds() + 1;
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, seconds);
    } else if (why.status() == StatusCodes.UNAUTHORIZED) {
      exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
    }
    refuse(exchange, why.status(), why.sentence());
  }

  private static void refuse(HttpServerExchange exchange, int status, String problem) {
    answer(exchange, status, JSON.createObjectNode().put("error", problem));
  }

  private static void answer(HttpServerExchange exchange, int status, ObjectNode body) {
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(body.toString());
  }
}

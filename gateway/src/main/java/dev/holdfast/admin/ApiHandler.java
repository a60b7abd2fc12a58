package dev.holdfast.admin;

import dev.holdfast.time.ErrorBoundary;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;

/**
 * The API over HTTP, for whoever brings the token. Without a token it is for programs on this
 * machine, but not for web pages that a browser on it shows. Thread-safe.
 */
public final class ApiHandler implements HttpHandler {
  /** What its paths begin with. */
  public static final String PREFIX = "/api/v1";

  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
  private static final String SCHEME = "Bearer ";

  /** A page of somebody else can have a name resolved to this machine, but not an address. */
  private static final Pattern ADDRESS =
      Pattern.compile("(localhost|[0-9.]+|\\[[0-9a-fA-F:.]+\\])(:\\d+)?");

  private final Api api;
  private final Optional<byte[]> token;

  /** Asks for this token, if there is one. */
  public ApiHandler(Api api, Optional<String> token) {
    this.api = api;
    this.token = token.map(ApiHandler::hash);
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    if (token.isPresent() && !isBrought(token.get(), headers)) {
      exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
      send(exchange, Api.Reply.error(StatusCodes.UNAUTHORIZED, "the bearer token is needed"));
    } else if (token.isEmpty() && isOfPage(headers)) {
      send(exchange, Api.Reply.error(StatusCodes.FORBIDDEN, "not for web pages"));
    } else {
      // All sessions of all nodes are much to look at for an I/O thread.
      ErrorBoundary boundary =
          new ErrorBoundary("a call of the API", () -> IoUtils.safeClose(exchange.getConnection()));
      exchange.dispatch(boundary.guard(() -> answer(exchange, boundary)));
    }
  }

  private static boolean isBrought(byte[] token, HeaderMap headers) {
    String given = headers.getFirst(Headers.AUTHORIZATION);
    return given != null
        && given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(token, hash(given.substring(SCHEME.length())));
  }

  private static boolean isOfPage(HeaderMap headers) {
    String host = headers.getFirst(Headers.HOST);
    return headers.contains(Headers.ORIGIN) || host == null || !ADDRESS.matcher(host).matches();
  }

  private void answer(HttpServerExchange exchange, ErrorBoundary boundary) {
    Map<String, String> query = new HashMap<>();
    exchange
        .getQueryParameters()
        .forEach((name, values) -> query.put(name, String.valueOf(values.peekFirst())));
    String path = exchange.getRequestPath().substring(PREFIX.length());
    var unused =
        api.answer(new Api.Call(exchange.getRequestMethod().toString(), path, query))
            .exceptionally(ApiHandler::failed)
            .thenAccept(reply -> boundary.run(() -> send(exchange, reply)));
  }

  private static Api.Reply failed(Throwable problem) {
    LOG.error("internal error: a call of the API failed", problem);
    return Api.Reply.error(StatusCodes.INTERNAL_SERVER_ERROR, String.valueOf(problem));
  }

  private static void send(HttpServerExchange exchange, Api.Reply reply) {
    exchange.setStatusCode(reply.status());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(reply.body().toString());
  }
}

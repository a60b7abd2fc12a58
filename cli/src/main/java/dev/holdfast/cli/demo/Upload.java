package dev.holdfast.cli.demo;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Reads a body of any size and responds with its length and SHA-256; stores nothing. */
final class Upload implements HttpHandler {
  @Override
  public void handleRequest(HttpServerExchange exchange) {
    MessageDigest digest = sha256();
    long[] bytes = {0};
    exchange
        .getRequestReceiver()
        .receivePartialBytes(
            (same, part, last) -> {
              digest.update(part);
              bytes[0] += part.length;
              if (last) {
                answer(same, bytes[0], HexFormat.of().formatHex(digest.digest()));
              }
            });
  }

  private static void answer(HttpServerExchange exchange, long bytes, String sha256) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send("{\"bytes\":%d,\"sha256\":\"%s\"}".formatted(bytes, sha256));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

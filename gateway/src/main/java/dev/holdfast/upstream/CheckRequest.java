package dev.holdfast.upstream;

import dev.holdfast.config.Authority;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.Origin;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * Builds the requests of health checks to one upstream. They carry the same {@code Host} and
 * forwarded headers as page requests, because a proxy in front of the upstream may route by them.
 * Immutable.
 *
 * @param host the {@code Host} header
 * @param site the host that pages are loaded from
 * @param proto the scheme that pages are loaded with
 */
record CheckRequest(String host, String site, String proto, String socketPath) {
  private static final Set<String> WEB = Set.of("http", "https");

  /**
   * Derives site and scheme from the first web origin in the settings, or from the upstream's name
   * if there is none.
   */
  static CheckRequest of(Settings settings, URI upstream) {
    Optional<Origin> origin =
        settings.get(EdgeKeys.ORIGINS).stream()
            .flatMap(it -> Origin.parse(it).stream())
            .filter(it -> WEB.contains(it.scheme()))
            .findFirst();
    Optional<String> site =
        origin.map(it -> it.toString().substring(it.scheme().length() + "://".length()));
    String name = Authority.of(upstream).header();
    String host = settings.get(UpstreamKeys.HOST).of(site, name);
    boolean secure =
        origin
            .map(it -> it.scheme().equals("https"))
            .orElse(settings.get(EdgeKeys.CERTIFICATE).isPresent());
    return new CheckRequest(
        host, site.orElse(host), secure ? "https" : "http", settings.get(EdgeKeys.PATH));
  }

  /** Returns a GET request that asks for the connection to be closed after the response. */
  byte[] page(String path) {
    return request(path, "Accept: */*\r\nConnection: close\r\n");
  }

  /** Returns an Engine.IO handshake over polling. */
  byte[] polling() {
    return page(socketPath + "?EIO=4&transport=polling");
  }

  /** Returns an Engine.IO handshake over a WebSocket. */
  byte[] webSocket(String key) {
    return request(socketPath + "?EIO=4&transport=websocket", LinkRequest.upgrade(key));
  }

  private byte[] request(String target, String lines) {
    return ("GET "
            + target
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\n"
            + lines
            + "User-Agent: Holdfast\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: "
            + proto
            + "\r\nX-Forwarded-Host: "
            + site
            + "\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}

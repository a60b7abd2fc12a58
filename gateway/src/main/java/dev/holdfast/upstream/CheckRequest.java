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
 * What checks ask of one upstream, with the {@code Host} and the forwarded headers that it gets
 * with the requests of a page: what stands in front of it may decide by them. Immutable.
 *
 * @param host the {@code Host} header
 * @param site the host that pages are loaded from
 * @param proto their scheme
 */
record CheckRequest(String host, String site, String proto, String socketPath) {
  private static final Set<String> WEB = Set.of("http", "https");

  /** Of pages of the first origin that is set; else of the upstream's own name. */
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

  /** Asks for a page, and for the end of the connection behind it. */
  byte[] page(String path) {
    return request(path, "Accept: */*\r\nConnection: close\r\n");
  }

  /** Asks for Engine.IO over polling. */
  byte[] polling() {
    return page(socketPath + "?EIO=4&transport=polling");
  }

  /** Asks for Engine.IO over a WebSocket. */
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

package dev.holdfast.cli;

import java.net.URI;
import java.util.Locale;
import java.util.Map;

/** What nodes call an upstream. */
final class UpstreamName {
  private static final Map<String, Integer> PORTS = Map.of("http", 80, "https", 443);

  private UpstreamName() {}

  /** {@code host:port} of a URL; a name stays what it is. */
  static String of(String text) {
    if (!text.contains("://")) {
      return text;
    }
    try {
      URI uri = URI.create(text);
      int port = uri.getPort() < 0 ? PORTS.getOrDefault(uri.getScheme(), 80) : uri.getPort();
      return String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}

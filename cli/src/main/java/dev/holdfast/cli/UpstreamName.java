package dev.holdfast.cli;

import dev.holdfast.config.Authority;
import java.net.URI;

/** What nodes call an upstream. */
final class UpstreamName {
  private UpstreamName() {}

  /** {@code host:port} of a URL; a name stays what it is. */
  static String of(String text) {
    if (!text.contains("://")) {
      return text;
    }
    try {
      return Authority.of(URI.create(text)).toString();
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}

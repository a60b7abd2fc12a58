package dev.holdfast.cli;

import dev.holdfast.config.Authority;
import java.net.URI;

/** Converts URLs to the names that nodes use for upstreams. */
final class UpstreamName {
  private UpstreamName() {}

  /** Returns {@code host:port} of a URL; a name is returned unchanged. */
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

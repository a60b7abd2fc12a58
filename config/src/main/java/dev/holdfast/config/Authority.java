package dev.holdfast.config;

import java.net.URI;
import java.util.Locale;

/**
 * Where a URL points to: the one reading of its host and port. {@link URI#getHost} knows no {@code
 * _} in host names, which containers have. Immutable.
 *
 * @param host in lower case; an IPv6 address in brackets
 * @param isDefault whether it is the port of the scheme
 */
public record Authority(String host, int port, boolean isDefault) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** That of an {@code http} or {@code https} URL, with the port of the scheme if it says none. */
  public static Authority of(URI url) {
    String text = String.valueOf(url.getRawAuthority());
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > text.lastIndexOf(']');
    String host = hasPort ? text.substring(0, colon) : text;
    int usual = "https".equalsIgnoreCase(url.getScheme()) ? HTTPS : HTTP;
    int port =
        hasPort && colon < text.length() - 1 ? Integer.parseInt(text.substring(colon + 1)) : usual;
    return new Authority(host.toLowerCase(Locale.ROOT), port, port == usual);
  }

  /** As a {@code Host} header has it: without the port of the scheme. */
  public String header() {
    return isDefault ? host : toString();
  }

  /** {@code host:port}. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}

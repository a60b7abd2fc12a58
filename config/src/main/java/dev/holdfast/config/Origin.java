package dev.holdfast.config;

import java.util.Locale;
import java.util.Optional;

/**
 * The origin of a web page or an app: scheme, host and port, RFC 6454. Peers send them, so the time
 * it takes to read one is linear in its length. Immutable.
 *
 * @param scheme in small letters; {@code ws} and {@code wss} are read as {@code http} and {@code
 *     https}
 * @param host in small letters; empty in some origins of apps, such as {@code file://}
 * @param port that of the scheme if none is named; -1 if the scheme has none
 */
public record Origin(String scheme, String host, int port) {
  /** A host has at most 253 characters, a port 5; the rest is for the scheme. */
  private static final int MAX_LENGTH = 300;

  private static final String BEHIND_SCHEME = "://";
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int LAST_PORT = 65_535;
  private static final int PORT_DIGITS = 5;
  private static final int NONE = -1;

  /** A host with a port, or without one. */
  private record Authority(String host, int port) {}

  /**
   * What {@code scheme://host[:port]} stands for, with or without a slash at its end; empty for
   * anything else, {@code null} among it.
   */
  public static Optional<Origin> parse(String text) {
    int end = text.indexOf(BEHIND_SCHEME);
    if (text.length() > MAX_LENGTH || end < 0 || !isScheme(text, end)) {
      return Optional.empty();
    }
    String scheme = scheme(text.substring(0, end));
    int from = end + BEHIND_SCHEME.length();
    boolean slash = text.length() > from && text.endsWith("/");
    String rest = text.substring(from, text.length() - (slash ? 1 : 0));
    if (rest.isEmpty() && !isWeb(scheme)) {
      return Optional.of(new Origin(scheme, "", NONE));
    }
    return authority(rest)
        .map(it -> new Origin(scheme, it.host, it.port == NONE ? port(scheme) : it.port));
  }

  /** The scheme that origins have for this one, in small letters: {@code https} for {@code wss}. */
  public static String scheme(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "ws" -> "http";
      case "wss" -> "https";
      default -> lower;
    };
  }

  /**
   * Whether it is a web page's, of the host that a {@code Host} or {@code X-Forwarded-Host} header
   * names. A header without a port names any: some proxies leave it out.
   */
  public boolean isAt(String header) {
    return isWeb(scheme)
        && authority(header)
            .filter(it -> it.host.equals(host) && (it.port == NONE || it.port == port))
            .isPresent();
  }

  private static boolean isWeb(String scheme) {
    return scheme.equals("http") || scheme.equals("https");
  }

  private static int port(String scheme) {
    return switch (scheme) {
      case "http" -> HTTP_PORT;
      case "https" -> HTTPS_PORT;
      default -> NONE;
    };
  }

  private static boolean isScheme(String text, int end) {
    boolean scheme = end > 0 && isLetter(text.charAt(0));
    for (int i = 1; i < end; i++) {
      char c = text.charAt(i);
      scheme &= isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.';
    }
    return scheme;
  }

  private static Optional<Authority> authority(String text) {
    int colon = text.indexOf(':', Math.max(0, text.lastIndexOf(']')));
    int port = colon < 0 ? NONE : number(text, colon + 1);
    String host = colon < 0 ? text : text.substring(0, colon);
    boolean portIsWrong = colon >= 0 && port == NONE;
    if (host.isEmpty() || host.length() > MAX_LENGTH || portIsWrong) {
      return Optional.empty();
    }
    return host.charAt(0) == '['
        ? literal(host).map(it -> new Authority(it, port))
        : name(host).map(it -> new Authority(it, port));
  }

  /** The one spelling of an IPv6 address in brackets. */
  private static Optional<String> literal(String host) {
    if (!host.endsWith("]") || host.indexOf(':') < 0) {
      return Optional.empty();
    }
    return IpLiteral.parse(host.substring(1, host.length() - 1))
        .map(address -> "[" + address.getHostAddress() + "]");
  }

  private static Optional<String> name(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (!isLetter(c) && !isDigit(c) && c != '.' && c != '-' && c != '_' && c != '~') {
        return Optional.empty();
      }
    }
    // The root of all names may be written; nginx leaves it out of $host.
    boolean rooted = host.length() > 1 && host.endsWith(".");
    return Optional.of(
        host.substring(0, host.length() - (rooted ? 1 : 0)).toLowerCase(Locale.ROOT));
  }

  private static int number(String text, int from) {
    int digits = text.length() - from;
    if (digits < 1 || digits > PORT_DIGITS) {
      return NONE;
    }
    int number = 0;
    for (int i = from; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return NONE;
      }
      number = 10 * number + text.charAt(i) - '0';
    }
    return number > LAST_PORT ? NONE : number;
  }

  private static boolean isLetter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** As a browser writes it: without the port that its scheme has anyway. */
  @Override
  public String toString() {
    return scheme + BEHIND_SCHEME + host + (port == port(scheme) ? "" : ":" + port);
  }
}

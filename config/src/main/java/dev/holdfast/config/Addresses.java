package dev.holdfast.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of settings that name hosts. */
final class Addresses {
  private static final Pattern LISTEN =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%a-z]+)\\]|([A-Za-z0-9_.-]+)):([0-9]{1,5})");
  private static final Pattern PATH = Pattern.compile("/(?:[A-Za-z0-9._~-]+/?)+");
  private static final Set<String> UNSPECIFIED = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");
  private static final int LAST_PORT = 65_535;

  private Addresses() {}

  /** {@code host:port}. */
  static Kind<HostPort> listen() {
    return Kind.of(
        "`host:port`",
        text -> {
          Matcher matcher = LISTEN.matcher(text);
          if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > LAST_PORT) {
            throw new Rejected("must be host:port, such as 127.0.0.1:8000 or [::1]:8000");
          }
          String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
          return new HostPort(host, Integer.parseInt(matcher.group(3)));
        });
  }

  /** {@code host:port} of this node as others see it. */
  static Kind<HostPort> reachable() {
    Kind<HostPort> any = listen();
    return Kind.of(
        any.accepts(),
        text -> {
          HostPort address = any.parse(text);
          if (address.port() == 0 || UNSPECIFIED.contains(address.host())) {
            throw new Rejected("must be an address that others can connect to");
          }
          return address;
        });
  }

  /** A host without a port. */
  static Kind<String> host() {
    return Kinds.matching("[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]+", "host names or addresses");
  }

  /** Where an Open WebUI is: scheme, host and port only. */
  static Kind<URI> upstream() {
    return Kind.of("`http://host:port` or `https://host:port`", Addresses::upstream);
  }

  private static URI upstream(String text) throws Rejected {
    URI uri = uri(text);
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new Rejected("must start with http:// or https://");
    }
    if (uri.getRawUserInfo() != null) {
      throw new Rejected("must not hold a user or password");
    }
    if (uri.getHost() == null) {
      throw new Rejected("must hold a host name of letters, digits, '-' and '.', or an IP address");
    }
    if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
      throw new Rejected("the port must be 1 to " + LAST_PORT);
    }
    boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
    if (!bare || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new Rejected("must end after the host and port, without path, query or fragment");
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
  }

  private static URI uri(String text) throws Rejected {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new Rejected("must be a URL such as http://open-webui:8080");
    }
  }

  /** What a page's {@code Origin} may be. */
  static Kind<String> origin() {
    return Kind.of(
        "`*` or `scheme://host[:port]`",
        text -> {
          if (text.equals("*")) {
            return text;
          }
          URI uri = uri(text);
          boolean whole = uri.getScheme() != null && uri.getRawAuthority() != null;
          if (!whole || !text.equals(uri.getScheme() + "://" + uri.getRawAuthority())) {
            throw new Rejected("must be * or scheme://host[:port], without a slash at the end");
          }
          return text;
        });
  }

  /** An address or a block of addresses. */
  static Kind<String> block() {
    return Kind.of(
        "address or CIDR block",
        text -> {
          try {
            TrustedProxies.of(List.of(text));
          } catch (IllegalArgumentException e) {
            throw new Rejected("must be an address or a block such as 10.0.0.0/8 or fd00::/8");
          }
          return text;
        });
  }

  /** The path of an endpoint, which always ends with a slash. */
  static Kind<String> path() {
    return Kind.of(
        "path below `/`",
        text -> {
          if (!PATH.matcher(text).matches()) {
            throw new Rejected("must be a path such as /ws/socket.io/");
          }
          return text.endsWith("/") ? text : text + "/";
        });
  }
}

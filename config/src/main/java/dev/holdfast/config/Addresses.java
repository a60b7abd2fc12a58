package dev.holdfast.config;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of settings that name hosts. */
final class Addresses {
  private static final Pattern LISTEN =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%a-z]+)\\]|([A-Za-z0-9_.-]+)):([0-9]{1,5})");
  private static final Pattern NAME_AND_PORT =
      Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9_.-]*)(?::[0-9]{1,5})?");

  /** Whatever ends in a number is an IPv4 address, or means to be one. */
  private static final Pattern NUMBER_AT_END = Pattern.compile("(?:^|\\.)[0-9]+$");

  private static final Set<String> UNSPECIFIED = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");
  private static final int LAST_PORT = 65_535;

  private Addresses() {}

  /** {@code host:port}. */
  static Kind<HostPort> listen() {
    return Kind.of(
        "`host:port`",
        text -> {
          Matcher matcher = LISTEN.matcher(text);
          Rejected.when(
              !matcher.matches() || Integer.parseInt(matcher.group(3)) > LAST_PORT,
              "must be host:port, such as 127.0.0.1:8000 or [::1]:8000");
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
          Rejected.when(
              address.port() == 0 || UNSPECIFIED.contains(address.host()),
              "must be an address that others can connect to");
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
    Rejected.when(
        !scheme.equals("http") && !scheme.equals("https"), "must start with http:// or https://");
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    Rejected.when(authority.contains("@"), "must not hold a user or password");
    if (uri.getHost() == null && !isNameAndPort(authority)) {
      throw new Rejected(
          "must hold a host name of letters, digits, '-', '.' and '_', or an IP address");
    }
    Authority where = Authority.of(uri);
    Rejected.when(
        where.port() == 0 || where.port() > LAST_PORT, "the port must be 1 to " + LAST_PORT);
    boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
    Rejected.when(
        !bare || uri.getRawQuery() != null || uri.getRawFragment() != null,
        "must end after the host and port, without path, query or fragment");
    Rejected.when(
        scheme.equals("https") && !where.host().startsWith("[") && !isTlsName(where.host()),
        "has a host name that no certificate can name; give the host a name of letters, digits, '-'"
            + " and '.', or use http://");
    boolean hasPort = uri.getPort() >= 0 || (uri.getHost() == null && authority.contains(":"));
    return URI.create(scheme + "://" + (hasPort ? where : where.host()));
  }

  /** A name that {@link URI} does not take for one; addresses it does know. */
  private static boolean isNameAndPort(String authority) {
    Matcher matcher = NAME_AND_PORT.matcher(authority);
    return matcher.matches() && !NUMBER_AT_END.matcher(matcher.group(1)).find();
  }

  /** Names of certificates and of SNI are host names of RFC 1123 §2.1. */
  private static boolean isTlsName(String host) {
    try {
      return !IDN.toASCII(host, IDN.USE_STD3_ASCII_RULES).isEmpty();
    } catch (IllegalArgumentException notOne) {
      return false;
    }
  }

  private static URI uri(String text) throws Rejected {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new Rejected("must be a URL such as http://open-webui:8080");
    }
  }

  /** What a page's {@code Origin} may be, as a browser writes it. */
  static Kind<String> origin() {
    return Kind.of("`*` or `scheme://host[:port]`", Addresses::origin);
  }

  private static String origin(String text) throws Rejected {
    if (text.equals("*")) {
      return text;
    }
    Rejected.when(
        text.equals("null"),
        "must not be null, which any page can make its origin; * allows all of them");
    Optional<Origin> origin = Origin.parse(ascii(text));
    Rejected.when(
        origin.isEmpty(),
        "must be * or scheme://host[:port] without a path, such as https://chat.example.org or"
            + " capacitor://localhost");
    return origin.get().toString();
  }

  /** Names of other alphabets as browsers send them. */
  private static String ascii(String text) {
    int from = text.indexOf("://") + 3;
    if (from < 3 || text.chars().allMatch(c -> c < 0x80)) {
      return text;
    }
    try {
      return text.substring(0, from) + IDN.toASCII(text.substring(from));
    } catch (IllegalArgumentException e) {
      return text;
    }
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
    Kind<String> path =
        Kinds.matching(
            "/(?:[A-Za-z0-9._~-]+/?)+", "path below `/`", "a path such as /ws/socket.io/");
    return Kind.of(
        path.accepts(),
        text -> {
          String given = path.parse(text);
          return given.endsWith("/") ? given : given + "/";
        });
  }
}

package dev.holdfast.forwarding;

import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.config.IpLiteral;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.TrustedProxies;
import dev.holdfast.fuzz.Parser;
import dev.holdfast.http1.ForwardedClient;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Who a request comes from. */
public final class ForwardingParsers {
  /** No head has more. */
  private static final int MAX_FIELDS = 127;

  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";
  private static final String TOKEN =
      JWT.create().withClaim("id", "u1").sign(Algorithm.HMAC256(SECRET));
  private static final String FORGED =
      JWT.create().withClaim("id", "u2").sign(Algorithm.HMAC256("another " + SECRET));
  private static final TrustedProxies PROXIES =
      TrustedProxies.of(List.of("10.0.0.0/8", "fd00::/8"));
  private static final Forwarding FORWARDING =
      new Forwarding(PROXIES, Settings.of(Map.of("auth.trusted-headers", "X-User-Email")));
  private static final OriginPolicy ORIGINS =
      new OriginPolicy(List.of(), new Forwarding(Settings.of(Map.of())));

  private ForwardingParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(
        address(),
        forwardedFor(),
        headerNames(),
        origin(),
        identity("token", Optional.empty()),
        identity("verified-token", Optional.of(SECRET)));
  }

  private static Parser address() {
    return Parser.of(
            "ip-address",
            input -> IpLiteral.parse(latin(input)),
            (input, random) -> {
              String text = latin(input);
              Optional<InetAddress> address = IpLiteral.parse(text);
              require(address.equals(asJava(text, address)), "Java reads the same");
            },
            "192.0.2.1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "1:2:3:4:5:6:7:8")
        .tokens("1", "255", ".", ":", "::", "db8", "ffff", "0", "%eth0", "[", "]");
  }

  /** Asked only for what is an address: the resolver is not. */
  private static Optional<InetAddress> asJava(String text, Optional<InetAddress> read)
      throws UnknownHostException {
    return read.isEmpty() ? read : Optional.of(InetAddress.getByName(text));
  }

  private static Parser forwardedFor() {
    return Parser.of(
            "forwarded-for",
            input -> FORWARDING.client(proxy(), "http", forwarded(input)),
            (input, random) -> {
              ForwardedClient client = FORWARDING.client(proxy(), "http", forwarded(input));
              require(client.trusted(), "the proxy is trusted");
              require(IpLiteral.parse(client.address()).isPresent(), "the client has an address");
              require(client.address().equals(nearest(lines(input))), "it is the nearest hop");
              require(client.forwardedFor().endsWith("10.0.0.1"), "the proxy is appended");
            },
            "198.51.100.1, 10.0.0.9",
            "[2001:db8::5]:4711, fd00::1",
            "198.51.100.1:80\n10.0.0.9",
            "unknown, 10.2.2.2")
        .tokens(
            "198.51.100.1",
            "10.0.0.9",
            "fd00::1",
            ",",
            ", ",
            "[",
            "]",
            ":80",
            ":",
            "\n",
            " ",
            "10.0.0.9, ".repeat(40),
            "unknown");
  }

  private static InetSocketAddress proxy() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), 4711);
  }

  private static List<String> lines(byte[] input) {
    return Stream.of(latin(input).split("\n", -1)).limit(MAX_FIELDS).toList();
  }

  private static HeaderMap forwarded(byte[] input) {
    HeaderMap headers = new HeaderMap();
    lines(input).forEach(line -> headers.add(Headers.X_FORWARDED_FOR, line));
    return headers;
  }

  /** The same with everything taken apart. */
  private static String nearest(List<String> lines) {
    String[] connections = String.join(", ", lines).strip().split(",", -1);
    String nearest = "10.0.0.1";
    for (int i = connections.length - 1; i >= Math.max(0, connections.length - 32); i--) {
      String connection = connections[i].strip();
      if (connection.startsWith("[") && connection.contains("]")) {
        connection = connection.substring(1, connection.indexOf(']'));
      } else if (connection.indexOf(':') == connection.lastIndexOf(':')) {
        connection = connection.split(":", -1)[0];
      }
      Optional<InetAddress> address = IpLiteral.parse(connection);
      if (address.isEmpty()) {
        return nearest;
      }
      nearest = address.get().getHostAddress();
      if (!PROXIES.contains(address.get())) {
        return nearest;
      }
    }
    return nearest;
  }

  private static Parser headerNames() {
    ForwardedClient stranger =
        new ForwardedClient(
            "192.0.2.1",
            Forwarding.peerOf("192.0.2.1"),
            false,
            "192.0.2.1",
            "http",
            Optional.empty());
    return Parser.of(
            "header-name",
            input -> {
              if (isName(latin(input))) {
                FORWARDING.drops(new HttpString(latin(input)), stranger);
              }
            },
            (input, random) -> {
              String name = latin(input);
              boolean forwarded =
                  name.equalsIgnoreCase("forwarded")
                      || name.equalsIgnoreCase("x-real-ip")
                      || name.equalsIgnoreCase("x-user-email")
                      || (name.length() > 12 && name.regionMatches(true, 0, "x-forwarded-", 0, 12));
              require(
                  !isName(name) || FORWARDING.drops(new HttpString(name), stranger) == forwarded,
                  "a stranger sets no header of a proxy");
            },
            "X-Forwarded-User",
            "X-User-Email",
            "Forwarded",
            "Accept")
        .tokens("x-", "X-", "forwarded", "-", "user", "email", "for", "x");
  }

  /** Other heads have been refused. */
  private static boolean isName(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /** A line for {@code Authorization}, then lines for {@code Cookie}. */
  private static Parser identity(String name, Optional<String> secret) {
    Identity identity = new Identity(Settings.defaults().with(ProxyKeys.SECRET_KEY, secret));
    return Parser.of(
            name,
            input -> identity.userOf(credentials(input)),
            (input, random) -> {
              Optional<String> user = identity.userOf(credentials(input));
              require(secret.isEmpty() || user.isEmpty() || user.get().equals("u1"), "no forgery");
              require(user.isEmpty() || !user.get().isEmpty(), "a user has a name");
            },
            "Bearer " + TOKEN,
            "Bearer " + FORGED,
            "Basic YTpi\na=b; token=" + TOKEN + "; c=d",
            "\ntoken=" + FORGED + "\ntoken=" + TOKEN)
        .tokens("Bearer ", TOKEN, FORGED, "token=", ";", "; ", "\n", ".", "=", "eyJ", "bnVsbA");
  }

  private static HeaderMap credentials(byte[] input) {
    HeaderMap headers = new HeaderMap();
    List<String> lines = lines(input);
    headers.put(Headers.AUTHORIZATION, lines.get(0));
    lines.stream().skip(1).forEach(line -> headers.add(Headers.COOKIE, line));
    return headers;
  }

  private static Parser origin() {
    return Parser.of(
            "origin",
            input -> ORIGINS.objection(fromPage(latin(input))),
            (input, random) -> {
              String origin = latin(input);
              Optional<String> objection = ORIGINS.objection(fromPage(origin));
              require(
                  objection.isPresent() || isOwnPage(origin),
                  "only the request's own host is allowed");
              require(
                  objection.filter(it -> !it.chars().allMatch(c -> c >= ' ' && c < 0x7f)).isEmpty(),
                  "an objection can be logged");
            },
            "https://chat.example",
            "http://evil.example",
            "wss://CHAT.example.:8443/",
            "null")
        .tokens("https:", "//", "chat.example", "@", ":", "/", ".");
  }

  /** As the JDK reads it. */
  private static boolean isOwnPage(String origin) {
    URI uri = URI.create(origin);
    return List.of("http", "https", "ws", "wss").contains(uri.getScheme().toLowerCase(Locale.ROOT))
        && List.of("chat.example", "chat.example.").contains(uri.getHost().toLowerCase(Locale.ROOT))
        && uri.getUserInfo() == null
        && List.of("", "/").contains(uri.getPath())
        && uri.getQuery() == null
        && uri.getFragment() == null;
  }

  private static HttpServerExchange fromPage(String origin) {
    HttpServerExchange exchange = new HttpServerExchange(null);
    exchange.setSourceAddress(InetSocketAddress.createUnresolved("192.0.2.1", 4000));
    exchange.setRequestScheme("http");
    exchange.getRequestHeaders().put(Headers.HOST, "chat.example");
    exchange.getRequestHeaders().put(Headers.ORIGIN, origin);
    return exchange;
  }
}

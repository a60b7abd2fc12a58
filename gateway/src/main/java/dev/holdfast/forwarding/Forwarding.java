package dev.holdfast.forwarding;

import dev.holdfast.config.IpLiteral;
import dev.holdfast.config.Origin;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.TrustedProxies;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.memory.Quotas.Peer;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Determines the client of a request and the headers that describe it to an upstream. Forwarded
 * headers are accepted only from {@code proxy.trusted-proxies}. {@code Forwarded} and {@code
 * X-Real-IP} are passed on from trusted proxies and never generated. Another node of the cluster
 * vouches for the clients that it forwards. Immutable.
 */
public final class Forwarding {
  private static final HttpString REAL_IP = new HttpString("X-Real-IP");

  /** Maximum number of hops that are followed through trusted proxies. */
  private static final int MOST_HOPS = 32;

  private static final Peer UNKNOWN = Peer.ofUser("");
  private static final String FORWARDED_PREFIX = "x-forwarded-";
  private static final AttachmentKey<ForwardedClient> VOUCHED =
      AttachmentKey.create(ForwardedClient.class);

  private final TrustedProxies proxies;
  private final Set<HttpString> trustedHeaders = new HashSet<>();

  /**
   * Creates an instance that trusts the configured proxies, and drops trusted identity headers from
   * all other peers.
   */
  public Forwarding(Settings settings) {
    this(TrustedProxies.of(settings.get(ProxyKeys.TRUSTED_PROXIES)), settings);
  }

  Forwarding(TrustedProxies proxies, Settings auth) {
    this.proxies = proxies;
    auth.get(ProxyKeys.TRUSTED_HEADERS).forEach(name -> trustedHeaders.add(new HttpString(name)));
  }

  /**
   * Returns the quota peer of an address. Anything that does not parse as an address shares one
   * peer.
   */
  public static Peer peerOf(String address) {
    return IpLiteral.parse(address).map(Peer::of).orElse(UNKNOWN);
  }

  /** Records the client that another node vouches for; the exchange came from that node. */
  public static void vouch(HttpServerExchange exchange, ForwardedClient client) {
    exchange.putAttachment(VOUCHED, client);
  }

  /** Returns whether an exchange comes from another node. */
  public static boolean isVouched(HttpServerExchange exchange) {
    return exchange.getAttachment(VOUCHED) != null;
  }

  /** Returns the client of an exchange. */
  public ForwardedClient client(HttpServerExchange exchange) {
    ForwardedClient vouched = exchange.getAttachment(VOUCHED);
    return vouched == null
        ? client(
            exchange.getSourceAddress(), exchange.getRequestScheme(), exchange.getRequestHeaders())
        : vouched;
  }

  /**
   * Returns the scheme of the client's original request, {@code http} or {@code https}. Empty if no
   * trusted source states it: an untrusted peer without TLS may be a proxy that terminates it.
   */
  public Optional<String> scheme(HttpServerExchange exchange) {
    InetAddress peer = exchange.getSourceAddress().getAddress();
    String stated =
        peer != null && proxies.contains(peer)
            ? joined(exchange.getRequestHeaders(), Headers.X_FORWARDED_PROTO)
            : "";
    int comma = stated.indexOf(',');
    String scheme =
        Origin.scheme(
            stated.isEmpty()
                ? exchange.getRequestScheme()
                : stated.substring(0, comma < 0 ? stated.length() : comma).strip());
    boolean plain = scheme.equals("http") && !stated.isEmpty();
    return plain || scheme.equals("https") ? Optional.of(scheme) : Optional.empty();
  }

  ForwardedClient client(InetSocketAddress peerAddress, String scheme, HeaderMap headers) {
    InetAddress address = peerAddress.getAddress();
    String peer = address == null ? peerAddress.getHostString() : literal(address);
    Optional<String> host = Optional.ofNullable(headers.getFirst(Headers.HOST));
    if (address == null || !proxies.contains(address)) {
      return new ForwardedClient(peer, peerOf(peer), false, peer, scheme, host);
    }
    String claimed = joined(headers, Headers.X_FORWARDED_FOR);
    String proto = joined(headers, Headers.X_FORWARDED_PROTO);
    String claimedHost = joined(headers, Headers.X_FORWARDED_HOST);
    String nearest = nearestUntrusted(claimed, peer);
    return new ForwardedClient(
        nearest,
        peerOf(nearest),
        true,
        claimed.isEmpty() ? peer : claimed + ", " + peer,
        proto.isEmpty() ? scheme : proto,
        claimedHost.isEmpty() ? host : Optional.of(claimedHost));
  }

  /**
   * Returns whether a request header must not be passed on unchanged: forwarded headers, which
   * {@link ForwardedClient} replaces, and from an untrusted peer those that only a proxy may set.
   */
  public boolean drops(HttpString name, ForwardedClient client) {
    if (name.equals(Headers.X_FORWARDED_FOR)
        || name.equals(Headers.X_FORWARDED_PROTO)
        || name.equals(Headers.X_FORWARDED_HOST)) {
      return true;
    }
    return !client.trusted()
        && (name.equals(Headers.FORWARDED)
            || name.equals(REAL_IP)
            || trustedHeaders.contains(name)
            || startsWithForwarded(name));
  }

  private static boolean startsWithForwarded(HttpString name) {
    return name.length() > FORWARDED_PREFIX.length()
        && (name.byteAt(0) | 0x20) == 'x'
        && name.toString().toLowerCase(Locale.ROOT).startsWith(FORWARDED_PREFIX);
  }

  private static String joined(HeaderMap headers, HttpString name) {
    HeaderValues lines = headers.get(name);
    return lines == null ? "" : String.join(", ", lines).strip();
  }

  /** Walks the chain back from the nearest hop for as long as hops are trusted. */
  private String nearestUntrusted(String forwardedFor, String peer) {
    String nearest = peer;
    int end = forwardedFor.length();
    for (int connections = 0; end >= 0 && connections < MOST_HOPS; connections++) {
      int comma = forwardedFor.lastIndexOf(',', end - 1);
      String text = forwardedFor.substring(comma + 1, end).strip();
      Optional<InetAddress> connection = IpLiteral.parse(withoutPort(text));
      if (connection.isEmpty()) {
        return nearest;
      }
      nearest = literal(connection.get());
      if (!proxies.contains(connection.get())) {
        return nearest;
      }
      end = comma;
    }
    return nearest;
  }

  private static String withoutPort(String connection) {
    if (connection.startsWith("[")) {
      int end = connection.indexOf(']');
      return end < 0 ? connection : connection.substring(1, end);
    }
    int colon = connection.indexOf(':');
    boolean single = colon >= 0 && connection.indexOf(':', colon + 1) < 0;
    return single ? connection.substring(0, colon) : connection;
  }

  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}

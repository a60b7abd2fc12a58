package dev.holdfast.upstream;

import dev.holdfast.config.HostHeader;
import dev.holdfast.protocol.Announced;
import dev.holdfast.wire.WebSocketConnector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Upstreams whose links and health are somebody else's business. */
public final class UpstreamFixture {
  private final List<Upstream> all;
  private final List<Runnable> listeners = new ArrayList<>();
  private final Upstreams upstreams;

  /**
   * Upstreams of these host names.
   *
   * @param links opens links to the upstream of a host name
   */
  public UpstreamFixture(List<String> hosts, Function<String, WebSocketConnector> links) {
    all = hosts.stream().map(host -> upstream(host, links)).toList();
    upstreams = new Upstreams(all, listeners::add, () -> {});
  }

  static Upstream upstream(String host, Function<String, WebSocketConnector> links) {
    URI uri = URI.create("http://" + host);
    AddressLookup nowhere =
        new AddressLookup(host, 80, task -> {}, name -> new java.net.InetAddress[0]);
    return new Upstream(
        uri,
        HostHeader.CLIENT,
        new Dialer(uri, nowhere, Optional.empty(), Duration.ZERO, () -> {}),
        (upstream, request) -> links.apply(host));
  }

  /** All of them. */
  public Upstreams upstreams() {
    return upstreams;
  }

  /** What health checks have found. */
  public void found(int which, boolean healthy, Announced announced, long now) {
    Upstream upstream = all.get(which);
    boolean was = upstream.ready();
    upstream.announced(announced);
    UpstreamState.Kind kind = healthy ? UpstreamState.Kind.HEALTHY : UpstreamState.Kind.UNREACHABLE;
    upstream.become(new UpstreamState(kind, "simulated"), now);
    if (healthy) {
      upstream.trust();
    } else {
      upstream.suspect();
    }
    if (upstream.ready() && !was) {
      listeners.forEach(Runnable::run);
    }
  }

  /** It has said that it is Open WebUI, of a version that knows documents or not. */
  public void isOpenWebUi(int which, boolean knowsDocuments) {
    all.get(which)
        .configured(new OpenWebUiConfig(Optional.of(Duration.ofSeconds(30)), knowsDocuments));
  }

  /** What a link of some client says. */
  public static LinkRequest linkRequest() {
    return new LinkRequest("".getBytes(StandardCharsets.US_ASCII), "/", Optional.empty());
  }
}

package dev.holdfast.upstream;

import dev.holdfast.config.Authority;
import dev.holdfast.config.HostHeader;
import dev.holdfast.engineio.WebSocketClientHandshake;
import dev.holdfast.protocol.Announced;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import dev.holdfast.wire.WebSocketConnector;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/** One Open WebUI instance. Thread-safe. */
public final class Upstream {
  private final URI uri;
  private final Authority authority;
  private final HostHeader hostHeader;
  private final String name;
  private final long seed;
  private final Dialer dialer;
  private final Links links;
  private volatile UpstreamState state =
      new UpstreamState(UpstreamState.Kind.UNKNOWN, "not checked yet");
  private volatile long stateSince = SteadyClock.nanoTime();
  private volatile Announced announced = Announced.DEFAULT;
  private volatile OpenWebUiConfig config = OpenWebUiConfig.UNKNOWN;
  private volatile Runnable onDialFailed = () -> {};
  private volatile boolean linkedSinceProbe;
  private volatile boolean suspected;
  private volatile boolean drained;
  private volatile boolean overloaded;

  /** Opens links to an upstream. */
  interface Links {
    WebSocketConnector connector(Upstream upstream, LinkRequest request);
  }

  Upstream(URI uri, HostHeader hostHeader, Dialer dialer) {
    this(
        uri,
        hostHeader,
        dialer,
        (upstream, request) ->
            WebSocketClientHandshake.connector(
                upstream::connect, key -> request.encode(upstream, key)));
  }

  Upstream(URI uri, HostHeader hostHeader, Dialer dialer, Links links) {
    this.uri = uri;
    this.authority = Authority.of(uri);
    this.hostHeader = hostHeader;
    this.name = authority.toString();
    this.seed = RendezvousHash.hash(name);
    this.dialer = dialer;
    this.links = links;
  }

  /** Returns the configured URL. */
  public URI uri() {
    return uri;
  }

  /** Returns {@code host:port}, the name in logs and metrics. */
  public String name() {
    return name;
  }

  /**
   * Returns the value of the {@code Host} header for requests to it, as {@code upstream.host} says.
   *
   * @param client the header that the client sent
   */
  public String hostFor(Optional<String> client) {
    return hostHeader.of(client, authority.header());
  }

  /** Returns whether it may receive new sessions and requests. */
  public boolean healthy() {
    return state.healthy();
  }

  /** Returns the result of the health checks. */
  public UpstreamState state() {
    return state;
  }

  /** Returns its last announced limits; the defaults of Socket.IO servers before the first. */
  public Announced announced() {
    return announced;
  }

  /**
   * Returns how often Open WebUI expects a {@code heartbeat} event, without which it drops the
   * session; empty if it is not Open WebUI or not known yet.
   */
  public Optional<Duration> heartbeatInterval() {
    return config.heartbeatInterval();
  }

  /** Returns whether it acknowledges each document event, so that silence means it is busy. */
  public boolean knowsDocuments() {
    return config.knowsDocuments();
  }

  /**
   * Opens a TCP connection, and TLS for {@code https}, trying each address of the host in turn.
   * Invokes the callback on this I/O thread exactly once, within the dial timeout.
   */
  public void connect(XnioIoThread thread, ConnectCallback callback) {
    dialer.dial(
        thread,
        new ConnectCallback() {
          @Override
          public void connected(StreamConnection connection) {
            callback.connected(connection);
          }

          @Override
          public void failed(DialFailure failure) {
            suspect();
            dialFailed();
            callback.failed(failure);
          }
        });
  }

  /** Starts a DNS lookup on another thread. */
  void lookUp() {
    dialer.addresses().refresh();
  }

  /** Returns a connector that opens links for a client. */
  WebSocketConnector connector(LinkRequest request) {
    return links.connector(this, request);
  }

  /**
   * Reports a failed connection or handshake, which triggers a health check soon. {@link #connect}
   * reports its own failures.
   */
  public void dialFailed() {
    onDialFailed.run();
  }

  /**
   * Records the open packet of a link. It proves what an Engine.IO probe would, so the next probe
   * is skipped.
   */
  public void linkOpened(Announced learnt) {
    announced = learnt;
    linkedSinceProbe = true;
  }

  long seed() {
    return seed;
  }

  void onDialFailed(Runnable action) {
    onDialFailed = action;
  }

  void become(UpstreamState next, long now) {
    if (next.healthy() != state.healthy()) {
      stateSince = now;
    }
    overloaded = next.kind() == UpstreamState.Kind.SLOW && (state.healthy() || overloaded);
    state = next;
  }

  /**
   * Returns whether it was healthy and has since accepted connections without responding in time:
   * it, or this node, is overloaded.
   */
  public boolean isOverloaded() {
    return overloaded;
  }

  /**
   * Suspends new links until the next good check, so that refused sessions do not retry at once.
   */
  void suspect() {
    suspected = true;
  }

  /** Clears the suspicion after a good check. */
  void trust() {
    suspected = false;
  }

  /**
   * Returns whether it is healthy, not drained, and has refused no connection since its last good
   * check.
   */
  boolean ready() {
    return healthy() && !suspected && !drained;
  }

  /** Returns whether it is drained and receives no more sessions. */
  public boolean isDrained() {
    return drained;
  }

  void drained(boolean from) {
    drained = from;
  }

  /** Returns when it last became healthy or unhealthy, in steady nanoseconds. */
  long stateSince() {
    return stateSince;
  }

  void announced(Announced learnt) {
    announced = learnt;
  }

  void configured(OpenWebUiConfig learnt) {
    config = learnt;
  }

  /** Returns whether a link was opened since the last call. */
  boolean takeLinked() {
    boolean linked = linkedSinceProbe;
    linkedSinceProbe = false;
    return linked;
  }

  @Override
  public String toString() {
    return name;
  }
}

package dev.holdfast.upstream;

import dev.holdfast.config.Authority;
import dev.holdfast.config.HostHeader;
import dev.holdfast.time.SteadyClock;
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

  /** How links to an upstream are opened. */
  interface Links {
    WebSocketConnector connector(Upstream upstream, LinkRequest request);
  }

  Upstream(URI uri, HostHeader hostHeader, Dialer dialer) {
    this(uri, hostHeader, dialer, LinkTarget::new);
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

  /** Where it is, as set. */
  public URI uri() {
    return uri;
  }

  /** {@code host:port}: what logs and metrics call it. */
  public String name() {
    return name;
  }

  /**
   * The value of the {@code Host} header that it is sent, as {@code upstream.host} says.
   *
   * @param client what the client has sent
   */
  public String hostFor(Optional<String> client) {
    return hostHeader.of(client, authority.header());
  }

  /** Whether new sessions and requests may go there. */
  public boolean healthy() {
    return state.healthy();
  }

  /** What the health checks have found. */
  public UpstreamState state() {
    return state;
  }

  /** What it announced last; the defaults of Socket.IO servers until then. */
  public Announced announced() {
    return announced;
  }

  /**
   * How often Open WebUI wants a {@code heartbeat} event of a session, or it forgets the session;
   * empty if it is no Open WebUI, or not known yet.
   */
  public Optional<Duration> heartbeatInterval() {
    return config.heartbeatInterval();
  }

  /** Whether it answers each event about a document, so that its silence means that it is busy. */
  public boolean knowsDocuments() {
    return config.knowsDocuments();
  }

  /**
   * Opens a TCP connection, and TLS for {@code https}, on this I/O thread, trying each address of
   * the host. Calls back on that thread, exactly once, within the dial timeout.
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

  /** Looks its name up, soon and on another thread. */
  void lookUp() {
    dialer.addresses().refresh();
  }

  /** Opens links for a client. */
  WebSocketConnector connector(LinkRequest request) {
    return links.connector(this, request);
  }

  /**
   * A connection or its handshake failed: the upstream is checked at once instead of at its next
   * turn. {@link #connect} says so itself.
   */
  public void dialFailed() {
    onDialFailed.run();
  }

  /**
   * A link has read this open packet. It proves what an Engine.IO probe would, so the next probe is
   * left out.
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
   * Whether it was healthy, and has taken connections but given no answer in time since: it, or
   * this node, has too much to do.
   */
  public boolean isOverloaded() {
    return overloaded;
  }

  /** Nothing that was refused should come again before a check has had its say. */
  void suspect() {
    suspected = true;
  }

  /** A check was good. */
  void trust() {
    suspected = false;
  }

  /**
   * Whether it is healthy, is to have sessions, and has refused no connection since it was found to
   * be so.
   */
  boolean ready() {
    return healthy() && !suspected && !drained;
  }

  /** Whether it is to have no more sessions. */
  public boolean isDrained() {
    return drained;
  }

  void drained(boolean from) {
    drained = from;
  }

  /** When it became healthy, or ceased to be; in steady nanoseconds. */
  long stateSince() {
    return stateSince;
  }

  void announced(Announced learnt) {
    announced = learnt;
  }

  void configured(OpenWebUiConfig learnt) {
    config = learnt;
  }

  /** Whether a link was opened since this was last asked. */
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

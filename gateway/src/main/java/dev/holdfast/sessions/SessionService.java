package dev.holdfast.sessions;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.Admission;
import dev.holdfast.engineio.Application;
import dev.holdfast.engineio.Carrier;
import dev.holdfast.engineio.EngineHandler;
import dev.holdfast.engineio.EngineOptions;
import dev.holdfast.engineio.EngineRequest;
import dev.holdfast.engineio.EngineServer;
import dev.holdfast.engineio.EngineSocket;
import dev.holdfast.engineio.Handshake;
import dev.holdfast.engineio.PendingTransport;
import dev.holdfast.engineio.RandomIds;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.forwarding.Identity;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.protocol.Announced;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.RelinkScheduler;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import io.undertow.util.Headers;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Runs a Socket.IO session with a link to Open WebUI on each Engine.IO session. */
public final class SessionService implements Application {
  /**
   * The services of the node that all sessions share. One record, because each session needs nearly
   * all of them, and the node creates each of them once.
   *
   * @param users which upstreams each user's sessions are on
   * @param nonResuming clients whose sessions are not parked
   * @param fencedSwitchovers like {@code relinks}, for fenced links that open beside existing ones
   * @param cluster the other nodes
   * @param documents carry the fences of sessions that switch over
   * @param pool for data that waits for a slow peer
   * @param outboxes for events that clients have not confirmed
   * @param quotas limit what each client uses
   */
  public record Shared(
      Settings settings,
      Upstreams upstreams,
      Identity identity,
      Admission admission,
      UserUpstreams users,
      SessionRegistry registry,
      NonResumingClients nonResuming,
      RelinkScheduler relinks,
      RelinkScheduler fencedSwitchovers,
      Cluster cluster,
      RandomIds secrets,
      SharedDocuments documents,
      BufferPool pool,
      BufferPool outboxes,
      Quotas quotas,
      Metrics metrics,
      NodeNetwork network) {

    /**
     * Returns how long a session may send nothing to its client: the longest ping interval plus
     * ping timeout of any upstream.
     */
    public Duration silence() {
      return upstreams.all().stream()
          .map(Upstream::announced)
          .map(
              announced ->
                  settings
                      .get(EdgeKeys.PING_INTERVAL)
                      .orElse(announced.pingInterval())
                      .plus(settings.get(EdgeKeys.PING_TIMEOUT).orElse(announced.pingTimeout())))
          .max(Duration::compareTo)
          .orElseThrow();
    }

    /** Returns the limits of the bodies of polling requests. */
    public EngineHandler.Bodies pollingBodies() {
      return new EngineHandler.Bodies(
          settings.get(LimitKeys.BODY_TIMEOUT),
          settings.get(ProxyKeys.DRAIN),
          settings.get(ProxyKeys.DRAIN_TIMEOUT),
          quotas);
    }

    /** Returns whether the verified owner already has the maximum number of sessions. */
    boolean isOneTooMany(Ownership ownership) {
      return ownership
          .verifiedUser()
          .filter(user -> users.sessionsOf(user) >= settings.get(LimitKeys.SESSIONS_PER_USER))
          .isPresent();
    }

    /** Returns the upstream for a user's next session: as for a request, but not a drained one. */
    Optional<Upstream> upstreamForSession(String user) {
      return upstreamOf(user).filter(it -> !it.isDrained()).or(() -> upstreams.choose(user));
    }

    /**
     * Returns the upstream for a user's next request: that of the user's sessions, else one by
     * hash.
     */
    public Optional<Upstream> upstreamOf(String user) {
      return users
          .upstreamOf(user)
          .flatMap(upstreams::find)
          .filter(Upstream::healthy)
          .or(() -> upstreams.choose(user));
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(SessionService.class);

  private final Shared shared;
  private final Forwarding forwarding;
  private final SessionBounds bounds;

  private SessionService(Shared shared, Forwarding forwarding) {
    this.shared = shared;
    this.forwarding = forwarding;
    this.bounds = SessionBounds.of(shared.settings(), shared.pool(), shared.metrics());
  }

  /** Returns an Engine.IO server for these sessions, with the limits in the settings. */
  public static EngineServer server(Shared shared, Forwarding forwarding) {
    Settings settings = shared.settings();
    EngineOptions options =
        new EngineOptions(
            settings.get(EdgeKeys.UPGRADE_TIMEOUT),
            settings.get(LimitKeys.POLLING_IDLE),
            settings.get(LimitKeys.POST_PACKETS),
            settings.get(LimitKeys.WAITING),
            settings.get(LimitKeys.SLOW_TRANSPORT),
            shared.pool(),
            shared.metrics());
    return new EngineServer(options, new SessionService(shared, forwarding), shared.secrets());
  }

  @Override
  public Optional<Terms> terms(Handshake handshake) {
    String key = user(handshake).orElseGet(() -> handshake.client().address());
    Optional<Upstream> upstream = shared.upstreamOf(key);
    if (upstream.isEmpty() && handshake.isFromNode()) {
      // It is for a session that is already here and may wait for an upstream.
      upstream = shared.upstreams().all().stream().findFirst();
    }
    return upstream.map(Upstream::announced).map(this::terms);
  }

  private Terms terms(Announced announced) {
    Settings settings = shared.settings();
    long maxPayload =
        shared
            .settings()
            .get(LimitKeys.MESSAGE)
            .map(limit -> Math.min(limit, announced.maxPayload()))
            .orElse(announced.maxPayload());
    return new Terms(
        settings.get(EdgeKeys.PING_INTERVAL).orElse(announced.pingInterval()),
        settings.get(EdgeKeys.PING_TIMEOUT).orElse(announced.pingTimeout()),
        maxPayload);
  }

  private Optional<String> user(Handshake handshake) {
    return shared.identity().userOf(handshake.headers());
  }

  @Override
  public Peer peer(Handshake handshake) {
    return shared.identity().peer(user(handshake), handshake.client().peer());
  }

  @Override
  public Admission.Entry admit(Handshake handshake) {
    return handshake.isFromNode()
        ? shared.admission().enterFromNode()
        : shared.admission().enter(peer(handshake), handshake.client().address());
  }

  @Override
  public boolean isDraining() {
    return shared.admission().isDraining();
  }

  @Override
  public boolean isClosing() {
    return shared.admission().isClosing();
  }

  @Override
  public void opened(
      EngineSocket socket, Handshake handshake, EngineRequest request, Admission.Place place) {
    String address = handshake.client().address();
    // From here on, the client's place is returned even after a failure.
    socket.onClosed(reason -> left(place, address, reason));
    LinkRequest links = links(handshake, request);
    OffsetStyle style = style(handshake);
    Optional<String> program =
        style == OffsetStyle.MARKER_AFTER_RESUME
            ? Optional.of(userAgent(handshake))
            : Optional.empty();
    NodeSessionContext.Guest guest =
        new NodeSessionContext.Guest(
            links, request.isWebSocket() ? Carrier.WEBSOCKET : Carrier.POLLING, address, program);
    TransportRouter router =
        new TransportRouter(
            shared, bounds, new TransportRouter.Visitor(socket, guest, style, handshake.client()));
    socket.onClosed(
        reason -> {
          try {
            left(place, address, reason);
          } finally {
            router.closed(reason);
          }
        });
    new PendingTransport(
            socket, router, place.holding(), shared.settings().get(ResumeKeys.EARLY_ANSWERS))
        .begin(shared.settings().get(EdgeKeys.CONNECT_TIMEOUT));
  }

  private LinkRequest links(Handshake handshake, EngineRequest request) {
    return LinkRequest.of(
        handshake.headers(),
        handshake.client(),
        handshake.isFromNode(),
        shared.settings().get(EdgeKeys.PATH) + "?" + request.application(),
        forwarding);
  }

  private void left(Admission.Place place, String address, CloseReason reason) {
    shared.admission().leave(place, address);
    LOG.atLevel(reason.isUsual() ? Level.DEBUG : Level.INFO)
        .log("transport of {} closed: {} ({})", address, reason.label(), reason.sentence());
  }

  /**
   * Chooses how events carry offsets. Pages ignore an extra argument; the handlers of other clients
   * may not. A program that never resumes needs no offsets.
   */
  private OffsetStyle style(Handshake handshake) {
    return switch (shared.settings().get(ResumeKeys.MODE)) {
      case AUTO -> automatic(handshake);
      case ARGUMENT -> OffsetStyle.ARGUMENT;
      case MARKER -> OffsetStyle.MARKER;
      case OFF -> OffsetStyle.NONE;
    };
  }

  private static OffsetStyle automatic(Handshake handshake) {
    boolean hasOrigin = handshake.headers().contains(Headers.ORIGIN);
    boolean isBrowser = userAgent(handshake).startsWith("Mozilla/");
    if (hasOrigin && isBrowser) {
      return OffsetStyle.ARGUMENT;
    }
    // A page that polls its own host sends no Origin with a GET.
    return hasOrigin || isBrowser ? OffsetStyle.MARKER : OffsetStyle.MARKER_AFTER_RESUME;
  }

  private static String userAgent(Handshake handshake) {
    String agent = handshake.headers().getFirst(Headers.USER_AGENT);
    return agent == null ? "" : agent;
  }
}

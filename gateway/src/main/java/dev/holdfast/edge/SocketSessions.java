package dev.holdfast.edge;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.config.Settings;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.Residents;
import dev.holdfast.hub.Users;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Quotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.upstream.Announced;
import dev.holdfast.upstream.Identity;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.Relinks;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Puts a Socket.IO session with a link to Open WebUI on top of each Engine.IO session. */
public final class SocketSessions implements Application {
  /**
   * What sessions share.
   *
   * @param users which upstream a user's sessions are on
   * @param fencedMoves the same as {@code relinks} for links beside others, which are fenced
   * @param cluster the other nodes
   * @param documents through which the links of sessions that move are fenced
   * @param pool for what waits for a slow side
   * @param outboxes for what clients have not confirmed
   * @param quotas what each client may take
   */
  public record Shared(
      Settings settings,
      Upstreams upstreams,
      Identity identity,
      Admission admission,
      Users users,
      Residents residents,
      Relinks relinks,
      Relinks fencedMoves,
      Cluster cluster,
      Secrets secrets,
      SharedDocuments documents,
      BufferPool pool,
      BufferPool outboxes,
      Quotas quotas,
      Metrics metrics,
      NodeNetwork network) {

    /** How long a session may have nothing to say to its client, whichever upstream it is on. */
    public Duration silence() {
      return upstreams.all().stream()
          .map(Upstream::announced)
          .map(
              announced ->
                  settings
                      .socketio()
                      .pingInterval()
                      .orElse(announced.pingInterval())
                      .plus(settings.socketio().pingTimeout().orElse(announced.pingTimeout())))
          .max(Duration::compareTo)
          .orElseThrow();
    }

    /** Whether the owner of a further session has as many as one may have. */
    boolean isOneTooMany(Ownership ownership) {
      return ownership
          .verifiedUser()
          .filter(user -> users.sessionsOf(user) >= settings.limits().sessionsPerUser())
          .isPresent();
    }

    /** The upstream for a user's next session: as for a request, but none that is drained. */
    Optional<Upstream> upstreamForSession(String user) {
      return upstreamOf(user).filter(it -> !it.isDrained()).or(() -> upstreams.choose(user));
    }

    /** The upstream for a user's next request: where the sessions are, else the hash. */
    public Optional<Upstream> upstreamOf(String user) {
      return users
          .upstreamOf(user)
          .flatMap(upstreams::find)
          .filter(Upstream::healthy)
          .or(() -> upstreams.choose(user));
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(SocketSessions.class);

  private final Shared shared;
  private final SessionBounds bounds;

  /** Sessions within the limits of the settings. */
  public SocketSessions(Shared shared) {
    this.shared = shared;
    this.bounds = SessionBounds.of(shared.settings(), shared.pool());
  }

  @Override
  public Optional<Terms> terms(Handshake handshake) {
    String key = handshake.user().orElseGet(() -> handshake.client().address());
    Optional<Upstream> upstream = shared.upstreamOf(key);
    if (upstream.isEmpty() && handshake.isFromNode()) {
      // It is for a session that is here already, and may wait for an upstream.
      upstream = shared.upstreams().all().stream().findFirst();
    }
    return upstream.map(Upstream::announced).map(this::terms);
  }

  private Terms terms(Announced announced) {
    Settings.SocketIo ours = shared.settings().socketio();
    long maxPayload =
        shared
            .settings()
            .limits()
            .messageBytes()
            .map(limit -> Math.min(limit, announced.maxPayload()))
            .orElse(announced.maxPayload());
    return new Terms(
        ours.pingInterval().orElse(announced.pingInterval()),
        ours.pingTimeout().orElse(announced.pingTimeout()),
        maxPayload);
  }

  @Override
  public Optional<String> admit(Handshake handshake) {
    Optional<Admission.Refusal> refusal =
        handshake.isFromNode()
            ? shared.admission().enterFromNode()
            : shared.admission().enter(handshake.client().address());
    return refusal.map(Admission.Refusal::label);
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
  public void opened(EngineSocket socket, Handshake handshake, EngineRequest request) {
    String address = handshake.client().address();
    LinkRequest links = handshake.links(request.application());
    NodeSurroundings.Guest guest =
        new NodeSurroundings.Guest(
            links, request.isWebSocket() ? Carrier.WEBSOCKET : Carrier.POLLING, address);
    Desk desk =
        new Desk(
            shared, bounds, new Desk.Visitor(socket, guest, style(handshake), handshake.client()));
    socket.onClosed(
        reason -> {
          left(socket, address, reason);
          desk.closed(reason);
        });
    new Arrival(
            socket,
            desk,
            shared.settings().socketio().connectTimeout(),
            shared.settings().resume().earlyAnswerBytes())
        .begin();
  }

  private void left(EngineSocket socket, String address, CloseReason reason) {
    if (socket.isFromNode()) {
      shared.admission().leaveFromNode();
    } else {
      shared.admission().leave(address);
    }
    LOG.atLevel(reason.isUsual() ? Level.DEBUG : Level.INFO)
        .log("transport of {} closed: {} ({})", address, reason.label(), reason.sentence());
  }

  /** A browser's page does not mind a further argument; the handlers of other clients may. */
  private OffsetStyle style(Handshake handshake) {
    return switch (shared.settings().resume().mode()) {
      case AUTO -> handshake.isBrowser() ? OffsetStyle.ARGUMENT : OffsetStyle.MARKER;
      case ARGUMENT -> OffsetStyle.ARGUMENT;
      case MARKER -> OffsetStyle.MARKER;
      case OFF -> OffsetStyle.NONE;
    };
  }
}

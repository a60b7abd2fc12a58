package dev.holdfast.edge;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.config.Settings;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.Resident;
import dev.holdfast.hub.Residents;
import dev.holdfast.hub.Users;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.session.Claim;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Estate;
import dev.holdfast.session.Hop;
import dev.holdfast.session.Json;
import dev.holdfast.session.OutboxLimits;
import dev.holdfast.session.Resumption.Result;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.upstream.Announced;
import dev.holdfast.upstream.Forwarding;
import dev.holdfast.upstream.Identity;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.NodeLink;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.Relinks;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.UpstreamLink;
import dev.holdfast.upstream.Upstreams;
import dev.holdfast.wire.IoTimers;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Puts a Socket.IO session with a link to Open WebUI on top of each Engine.IO session. */
public final class SocketSessions implements Application {
  /**
   * What sessions share.
   *
   * @param users which upstream a user's sessions are on
   * @param cluster the other nodes
   * @param pool for what waits for a slow side
   * @param outboxes for what clients have not confirmed
   */
  public record Shared(
      Settings settings,
      Upstreams upstreams,
      Identity identity,
      Forwarding forwarding,
      Admission admission,
      Users users,
      Residents residents,
      Relinks relinks,
      Cluster cluster,
      Secrets secrets,
      BufferPool pool,
      BufferPool outboxes,
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

    /** The upstream for a user's next session: as for a request, but none that is drained. */
    Optional<Upstream> upstreamForSession(String user) {
      return upstreamOf(user).filter(it -> !it.isDrained()).or(() -> upstreams.choose(user));
    }

    /** The upstream for a user's next request: where the sessions are, else the hash. */
    public Optional<Upstream> upstreamOf(String user) {
      return users
          .upstreamOf(user)
          .flatMap(
              name -> upstreams.all().stream().filter(it -> it.name().equals(name)).findFirst())
          .filter(Upstream::healthy)
          .or(() -> upstreams.choose(user));
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(SocketSessions.class);
  private static final Json JSON = new ConnectPayload();

  /** What an event of an upstream may have grown by on its way through the node of its session. */
  private static final int OFFSET_BYTES = 1024;

  /** Between two tries to give an inherited session a link of its own. */
  private static final Duration SETTLE_AGAIN = Duration.ofSeconds(1);

  private final Shared shared;
  private final SessionSetup.Limits sessionLimits;
  private final UpstreamLink.Limits linkLimits;
  private final NodeLink.Limits nodeLimits;

  /** Sessions within the limits of the settings. */
  public SocketSessions(Shared shared) {
    this.shared = shared;
    Settings.Upstream upstream = shared.settings().upstream();
    this.sessionLimits = sessionLimits(shared.settings());
    this.linkLimits =
        new UpstreamLink.Limits(
            shared.pool(),
            shared.settings().limits().upstreamMessageBytes(),
            upstream.handshakeTimeout(),
            upstream.silentTimeout());
    this.nodeLimits =
        new NodeLink.Limits(
            shared.settings().socketio().path(),
            shared.pool(),
            shared.settings().limits().upstreamMessageBytes() + OFFSET_BYTES,
            upstream.handshakeTimeout());
  }

  @Override
  public Optional<Terms> terms(HttpServerExchange handshake) {
    String key =
        shared.identity().userOf(handshake.getRequestHeaders()).orElseGet(() -> address(handshake));
    Optional<Upstream> upstream = shared.upstreamOf(key);
    if (upstream.isEmpty() && Forwarding.isVouched(handshake)) {
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

  private String address(HttpServerExchange exchange) {
    return shared.forwarding().client(exchange).address();
  }

  @Override
  public Optional<String> admit(HttpServerExchange handshake) {
    Optional<Admission.Refusal> refusal =
        Forwarding.isVouched(handshake)
            ? shared.admission().enterFromNode()
            : shared.admission().enter(address(handshake));
    return refusal.map(Admission.Refusal::label);
  }

  private static SessionSetup.Limits sessionLimits(Settings settings) {
    Settings.Limits limits = settings.limits();
    Settings.Resume resume = settings.resume();
    Settings.Relink relink = settings.relink();
    return new SessionSetup.Limits(
        limits.attachments(),
        limits.waitingBytes(),
        limits.slowTransport(),
        new OutboxLimits(
            resume.outboxBytes(),
            resume.outboxEvents(),
            limits.waitingBytes(),
            resume.ackAfterBytes(),
            resume.keptBytes(),
            resume.keptTime()),
        resume.window(),
        resume.windowAfterLeaving(),
        resume.calls() == Settings.Resume.Calls.UNANSWERED,
        relink.giveUp(),
        relink.waitingBytes(),
        relink.overlap());
  }

  @Override
  public Hop.Receiver opened(
      EngineSocket socket, HttpServerExchange handshake, EngineRequest request) {
    String address = address(handshake);
    socket.onClosed(reason -> left(socket, address, reason));
    LinkRequest links =
        LinkRequest.of(handshake, request.application(), shared.settings(), shared.forwarding());
    NodeSurroundings.Guest guest =
        new NodeSurroundings.Guest(
            links, request.isWebSocket() ? Carrier.WEBSOCKET : Carrier.POLLING, address);
    return new Arrival(
        socket,
        new Desk(socket, guest, style(handshake), shared.forwarding().client(handshake)),
        shared.settings().socketio().connectTimeout(),
        shared.settings().resume().earlyAnswerBytes());
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
  private OffsetStyle style(HttpServerExchange handshake) {
    HeaderMap headers = handshake.getRequestHeaders();
    String agent = headers.getFirst(Headers.USER_AGENT);
    boolean browser =
        headers.contains(Headers.ORIGIN) && agent != null && agent.startsWith("Mozilla/");
    return switch (shared.settings().resume().mode()) {
      case AUTO -> browser ? OffsetStyle.ARGUMENT : OffsetStyle.MARKER;
      case ARGUMENT -> OffsetStyle.ARGUMENT;
      case MARKER -> OffsetStyle.MARKER;
      case OFF -> OffsetStyle.NONE;
    };
  }

  /** Receives one transport: finds the session that it asks for, or makes one. */
  private final class Desk implements Arrival.Reception {
    private final EngineSocket socket;
    private final NodeSurroundings.Guest guest;
    private final OffsetStyle style;
    private final Forwarding.Client client;

    private Desk(
        EngineSocket socket,
        NodeSurroundings.Guest guest,
        OffsetStyle style,
        Forwarding.Client client) {
      this.socket = socket;
      this.guest = guest;
      this.style = style;
      this.client = client;
    }

    @Override
    public Optional<Resident> find(Claim claim) {
      return style == OffsetStyle.NONE ? Optional.empty() : shared.residents().find(claim.pid());
    }

    @Override
    public Optional<Splice.Home> elsewhere(Claim claim) {
      return goesFurther() ? shared.network().giverOf(claim.pid()).map(this::home) : none();
    }

    @Override
    public void successor(Claim claim, Consumer<Optional<Splice.Home>> answer) {
      if (!goesFurther()) {
        answer.accept(none());
        return;
      }
      shared
          .cluster()
          .moves()
          .find(
              claim.pid(),
              node ->
                  socket.execute(
                      () -> answer.accept(node.flatMap(shared.network()::other).map(this::home))));
    }

    /** What another node has sent on goes no further. */
    private boolean goesFurther() {
      return style != OffsetStyle.NONE && !socket.isFromNode();
    }

    private static Optional<Splice.Home> none() {
      return Optional.empty();
    }

    private Splice.Home home(NodeNetwork.Place place) {
      return new Splice.Home(
          shared.network(),
          place,
          client,
          nodeLimits,
          nodeLimits.handshakeTimeout(),
          shared.settings().limits().slowTransport());
    }

    @Override
    public byte[] greeting() {
      boolean takesSessions = !shared.admission().isDraining();
      String self = takesSessions ? shared.network().peers().self().value() : "";
      return ("6" + self).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void answered(Claim claim, Result result) {
      if (style != OffsetStyle.NONE) {
        boolean late = result == Result.UNKNOWN && shared.residents().hasExpired(claim.pid());
        shared.metrics().resume().resumed((late ? Result.EXPIRED : result).label());
      }
    }

    @Override
    public Hop.Receiver fresh(byte[] connect) {
      Ownership ownership = new Ownership(shared.identity(), ConnectPayload.connectToken(connect));
      NodeSurroundings surroundings = surroundings(ownership);
      byte[] stripped = style == OffsetStyle.NONE ? connect : JSON.withoutClaim(connect);
      SessionSetup setup = setup(style, shared.secrets().tag());
      Session session = new Session(socket, stripped, surroundings, setup);
      surroundings.resident().is(session);
      return session.start();
    }

    @Override
    public Hop.Receiver inherited(Will will, BorrowedLink link) {
      Estate estate = will.estate();
      OffsetStyle given = estate.arguments() ? OffsetStyle.ARGUMENT : OffsetStyle.MARKER;
      NodeSurroundings surroundings = surroundings(new Ownership(shared.identity(), will.owner()));
      SessionSetup setup = setup(given, estate.tag());
      Session session =
          new Session(
              socket, estate.connect().getBytes(StandardCharsets.UTF_8), surroundings, setup);
      surroundings.resident().is(session);
      surroundings.inherit(will);
      Hop.Receiver receiver = session.inherit(estate, link::heardBy);
      settle(session, link);
      return receiver;
    }

    /** The session needs a link of its own; what has not come of it is tried again. */
    private void settle(Session session, BorrowedLink link) {
      if (link.isNeeded()) {
        session.move(true);
        new IoTimers(socket.thread()).after(SETTLE_AGAIN, () -> settle(session, link));
      }
    }

    private NodeSurroundings surroundings(Ownership ownership) {
      shared.metrics().sessionOpened();
      return new NodeSurroundings(shared, linkLimits, socket.thread(), guest, ownership);
    }

    private SessionSetup setup(OffsetStyle offsets, String tag) {
      return new SessionSetup(
          sessionLimits,
          offsets,
          tag,
          new IoTimers(socket.thread()),
          shared.pool(),
          shared.outboxes(),
          JSON);
    }
  }
}

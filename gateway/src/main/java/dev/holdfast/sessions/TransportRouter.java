package dev.holdfast.sessions;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.engineio.EngineSocket;
import dev.holdfast.engineio.OwnedSocket;
import dev.holdfast.engineio.PendingTransport;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.Json;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.upstream.NodeNetwork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Handles the CONNECT of one transport: creates a session, or has a {@link ResumeRouter} find the
 * one that a returning client asks for. Confined to the transport's thread.
 */
final class TransportRouter implements PendingTransport.ConnectHandler, SessionHistory.Transport {
  private static final Json JSON = new ConnectPayload();

  /** Delay between two attempts to give an adopted session a link of its own. */
  private static final Duration SETTLE_AGAIN = Duration.ofSeconds(1);

  /** A client: its transport, and what its handshake states. */
  record Visitor(
      EngineSocket socket,
      NodeSessionContext.Guest guest,
      OffsetStyle style,
      ForwardedClient client) {}

  private final SessionService.Shared shared;
  private final SessionBounds bounds;
  private final Visitor visitor;
  private final EngineSocket socket;
  private final OffsetStyle style;
  private @Nullable SessionHistory history;

  TransportRouter(SessionService.Shared shared, SessionBounds bounds, Visitor visitor) {
    this.shared = shared;
    this.bounds = bounds;
    this.visitor = visitor;
    this.socket = visitor.socket();
    this.style = visitor.style();
  }

  @Override
  public void connected(PendingTransport transport, Message message, SocketPacketHeader header)
      throws ProtocolException {
    Optional<ResumeRequest> request = ConnectPayload.resumeRequest(message, header);
    byte[] connect = message.bytes(0);
    if (request.isEmpty()) {
      fresh(transport, connect, false);
    } else {
      // The end of the connection may follow: a client that has disconnected takes nothing over.
      socket.executeLater(new ResumeRouter(this, socket, transport, request.get(), connect)::start);
    }
  }

  /** Returns the requested session if it is on this node, on any thread. */
  Optional<SessionEntry> find(ResumeRequest request) {
    Ownership claimant = new Ownership(shared.identity(), Optional.ofNullable(request.token()));
    visitor
        .guest()
        .program(shared.nonResuming(), claimant)
        .ifPresent(NonResumingClients.Client::resumes);
    return style == OffsetStyle.NONE ? Optional.empty() : shared.registry().find(request.pid());
  }

  /** Returns the first node to ask for a session that is not here; empty if there is none. */
  Optional<SpliceTarget> elsewhere(ResumeRequest request) {
    return successor(request).or(() -> NodeId.of(request.pid())).flatMap(this::target);
  }

  /** Returns the node to which this one has handed the session off. */
  Optional<NodeId> successor(ResumeRequest request) {
    return style == OffsetStyle.NONE
        ? Optional.empty()
        : shared.registry().successor(request.pid());
  }

  /** Looks a session up in the registry. Calls back once, perhaps before it returns. */
  void locate(ResumeRequest request, Consumer<SessionLocation> answer) {
    if (goesFurther()) {
      shared
          .cluster()
          .handoffLocations()
          .find(request.pid(), found -> socket.execute(() -> answer.accept(patiently(found))));
    } else {
      answer.accept(new SessionLocation.Nowhere());
    }
  }

  /** Gives up a registry that has been unavailable for long, as it gives up a node. */
  private SessionLocation patiently(SessionLocation found) {
    boolean givenUp =
        found instanceof SessionLocation.Unknown unknown
            && unknown.silence().compareTo(shared.settings().get(NodeKeys.GIVE_UP)) >= 0;
    return givenUp ? new SessionLocation.Nowhere() : found;
  }

  /** Returns whether to ask other nodes: a transport from another node is not forwarded again. */
  private boolean goesFurther() {
    return style != OffsetStyle.NONE && !socket.isFromNode();
  }

  /** Returns how to reach a node; empty if it cannot be asked. */
  Optional<SpliceTarget> target(NodeId node) {
    return goesFurther() ? shared.network().other(node).map(this::target) : Optional.empty();
  }

  private SpliceTarget target(NodeNetwork.Place place) {
    return new SpliceTarget(
        shared.network(),
        place,
        visitor.client(),
        shared.settings().get(EdgeKeys.PATH),
        bounds.nodeLink(),
        shared.settings().get(LimitKeys.SLOW_TRANSPORT),
        shared.metrics());
  }

  /** Returns the first packet to another node. */
  byte[] greeting() {
    boolean takesSessions = !shared.admission().isDraining();
    String self = shared.network().peers().self().value();
    return SpliceControl.naming(takesSessions ? Optional.of(self) : Optional.empty());
  }

  /** Records the result of a resume request, also with its session if that is on this node. */
  void answered(ResumeRequest request, Result result) {
    shared
        .registry()
        .find(request.pid())
        .ifPresent(
            entry -> {
              entry.history().resumed(result.label());
              if (result == Result.RECOVERED) {
                belongsTo(entry);
              }
            });
    if (style != OffsetStyle.NONE) {
      boolean late = result == Result.UNKNOWN && shared.registry().hasExpired(request.pid());
      shared.metrics().resume().resumed((late ? Result.EXPIRED : result).label());
    }
  }

  /**
   * Creates a session for a CONNECT, whatever it requests, unless its user has too many.
   *
   * @param returning whether the CONNECT had a resume request: many such clients may come at once
   */
  void fresh(PendingTransport transport, byte[] connect, boolean returning) {
    if (socket.isFromNode()) {
      // The node that the client is connected to creates one.
      socket.fail(CloseReason.NOT_RESUMED);
      return;
    }
    if (socket.isClosed()) {
      return;
    }
    Ownership ownership = new Ownership(shared.identity(), ConnectPayload.connectToken(connect));
    if (shared.isOneTooMany(ownership)) {
      shared.metrics().refused("sessions-per-user");
      socket.fail(CloseReason.SESSIONS_PER_USER);
      return;
    }
    transport.join(begin(ownership, connect, returning));
  }

  private EngineConnection.Listener begin(Ownership ownership, byte[] connect, boolean returning) {
    NodeSessionContext context = context(ownership);
    if (returning) {
      context.waitsForItsTurn();
    } else {
      context.connectedAfresh();
    }
    byte[] stripped = style == OffsetStyle.NONE ? connect : JSON.withoutResumeRequest(connect);
    long firstCall = returning && style != OffsetStyle.NONE ? shared.secrets().firstCall() : 0;
    SessionSetup setup = setup(style, shared.secrets().tag(), firstCall);
    OwnedSocket owned = socket.own();
    Session session = new Session(owned, stripped, context, setup);
    context.begins(session);
    belongsTo(context.entry());
    EngineConnection.Listener listener = session.start();
    owned.listener(listener);
    return listener;
  }

  /** Adopts a session that another node hands off. */
  void adopted(HandoffMessage handoffMessage, RemoteLink link) {
    SessionSnapshot snapshot = handoffMessage.snapshot();
    NodeSessionContext context = context(new Ownership(shared.identity(), handoffMessage.owner()));
    SessionSetup setup = setup(snapshot.style(), snapshot.tag(), 0);
    OwnedSocket owned = socket.own();
    Session session =
        new Session(owned, snapshot.connect().getBytes(StandardCharsets.UTF_8), context, setup);
    context.adopts(session, handoffMessage);
    belongsTo(context.entry());
    owned.listener(session.adopt(snapshot, link::heardBy));
    settle(context.entry(), link);
  }

  /** Moves an adopted session to a link of its own; repeats this until it has one. */
  private void settle(SessionEntry entry, RemoteLink link) {
    if (link.isNeeded()) {
      entry.session().move(true);
      socket.loop().after(SETTLE_AGAIN, entry.guard(() -> settle(entry, link)));
    }
  }

  private NodeSessionContext context(Ownership ownership) {
    shared.metrics().sessionOpened();
    return new NodeSessionContext(
        shared, bounds.upstreamLink(), socket.loop(), visitor.guest(), ownership);
  }

  private SessionSetup setup(OffsetStyle offsets, String tag, long firstCall) {
    return new SessionSetup(
        bounds.session(),
        offsets,
        tag,
        firstCall,
        socket.loop(),
        shared.pool(),
        shared.outboxes(),
        JSON);
  }

  private void belongsTo(SessionEntry entry) {
    history = entry.history();
    history.opened(this);
  }

  /** Records the end of the transport. */
  void closed(CloseReason reason) {
    if (history != null) {
      history.closed(this, reason.label());
    }
  }

  @Override
  public CompletionStage<String> kind() {
    CompletableFuture<String> kind = new CompletableFuture<>();
    socket.execute(() -> kind.complete(socket.kind()));
    return kind;
  }

  @Override
  public boolean isThroughNode() {
    return socket.isFromNode();
  }
}

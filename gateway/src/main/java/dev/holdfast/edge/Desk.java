package dev.holdfast.edge;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.hub.Journal;
import dev.holdfast.hub.Resident;
import dev.holdfast.session.Claim;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Estate;
import dev.holdfast.session.Hop;
import dev.holdfast.session.Json;
import dev.holdfast.session.Resumption.Result;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.upstream.Forwarding;
import dev.holdfast.upstream.NodeNetwork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives one transport: finds the session that it asks for, or makes one. Confined to the
 * transport's thread.
 */
final class Desk implements Arrival.Reception, Journal.Transport {
  private static final Json JSON = new ConnectPayload();

  /** Between two tries to give an inherited session a link of its own. */
  private static final Duration SETTLE_AGAIN = Duration.ofSeconds(1);

  /** Who comes: its transport, and what its handshake says. */
  record Visitor(
      EngineSocket socket,
      NodeSurroundings.Guest guest,
      OffsetStyle style,
      Forwarding.Client client) {}

  private final SocketSessions.Shared shared;
  private final SessionBounds bounds;
  private final Visitor visitor;
  private final EngineSocket socket;
  private final OffsetStyle style;
  private @Nullable Journal journal;

  Desk(SocketSessions.Shared shared, SessionBounds bounds, Visitor visitor) {
    this.shared = shared;
    this.bounds = bounds;
    this.visitor = visitor;
    this.socket = visitor.socket();
    this.style = visitor.style();
  }

  @Override
  public Optional<Resident> find(Claim claim) {
    return style == OffsetStyle.NONE ? Optional.empty() : shared.residents().find(claim.pid());
  }

  @Override
  public Optional<Splice.Home> elsewhere(Claim claim) {
    return heir(claim).or(() -> NodeId.of(claim.pid())).flatMap(this::home);
  }

  @Override
  public Optional<NodeId> heir(Claim claim) {
    return style == OffsetStyle.NONE ? Optional.empty() : shared.residents().heir(claim.pid());
  }

  @Override
  public void locate(Claim claim, Consumer<SessionLocation> answer) {
    if (goesFurther()) {
      shared
          .cluster()
          .moves()
          .find(claim.pid(), found -> socket.execute(() -> answer.accept(patiently(found))));
    } else {
      answer.accept(new SessionLocation.Nowhere());
    }
  }

  /** A registry that does not answer for long is given up, as a node is. */
  private SessionLocation patiently(SessionLocation found) {
    boolean givenUp =
        found instanceof SessionLocation.Unknown unknown
            && unknown.silence().compareTo(shared.settings().node().giveUp()) >= 0;
    return givenUp ? new SessionLocation.Nowhere() : found;
  }

  /** What another node has sent on goes no further. */
  private boolean goesFurther() {
    return style != OffsetStyle.NONE && !socket.isFromNode();
  }

  @Override
  public Optional<Splice.Home> home(NodeId node) {
    return goesFurther() ? shared.network().other(node).map(this::home) : Optional.empty();
  }

  private Splice.Home home(NodeNetwork.Place place) {
    return new Splice.Home(
        shared.network(),
        place,
        visitor.client(),
        bounds.nodeLink(),
        bounds.nodeLink().handshakeTimeout(),
        shared.settings().limits().slowTransport());
  }

  @Override
  public byte[] greeting() {
    boolean takesSessions = !shared.admission().isDraining();
    NodeId self = shared.network().peers().self();
    return SpliceControl.naming(takesSessions ? Optional.of(self) : Optional.empty());
  }

  @Override
  public void answered(Claim claim, Result result) {
    shared
        .residents()
        .find(claim.pid())
        .ifPresent(
            resident -> {
              resident.journal().resumed(result.label());
              if (result == Result.RECOVERED) {
                belongsTo(resident);
              }
            });
    if (style != OffsetStyle.NONE) {
      boolean late = result == Result.UNKNOWN && shared.residents().hasExpired(claim.pid());
      shared.metrics().resume().resumed((late ? Result.EXPIRED : result).label());
    }
  }

  @Override
  public Optional<Hop.Receiver> fresh(byte[] connect, boolean returning) {
    Ownership ownership = new Ownership(shared.identity(), ConnectPayload.connectToken(connect));
    if (shared.isOneTooMany(ownership)) {
      return Optional.empty();
    }
    NodeSurroundings surroundings = surroundings(ownership);
    if (returning) {
      surroundings.waitsForItsTurn();
    }
    byte[] stripped = style == OffsetStyle.NONE ? connect : JSON.withoutClaim(connect);
    long firstCall = returning && style != OffsetStyle.NONE ? shared.secrets().firstCall() : 0;
    SessionSetup setup = setup(style, shared.secrets().tag(), firstCall);
    OwnedSocket owned = socket.own();
    Session session = new Session(owned, stripped, surroundings, setup);
    surroundings.resident().is(session);
    belongsTo(surroundings.resident());
    Hop.Receiver receiver = session.start();
    owned.handTo(receiver);
    return Optional.of(receiver);
  }

  @Override
  public Hop.Receiver inherited(Will will, BorrowedLink link) {
    Estate estate = will.estate();
    OffsetStyle given = estate.arguments() ? OffsetStyle.ARGUMENT : OffsetStyle.MARKER;
    NodeSurroundings surroundings = surroundings(new Ownership(shared.identity(), will.owner()));
    SessionSetup setup = setup(given, estate.tag(), 0);
    OwnedSocket owned = socket.own();
    Session session =
        new Session(owned, estate.connect().getBytes(StandardCharsets.UTF_8), surroundings, setup);
    surroundings.resident().is(session);
    belongsTo(surroundings.resident());
    surroundings.inherit(will);
    Hop.Receiver receiver = session.inherit(estate, link::heardBy);
    owned.handTo(receiver);
    settle(session, link);
    return receiver;
  }

  /** The session needs a link of its own; what has not come of it is tried again. */
  private void settle(Session session, BorrowedLink link) {
    if (link.isNeeded()) {
      session.move(true);
      socket.loop().after(SETTLE_AGAIN, () -> settle(session, link));
    }
  }

  private NodeSurroundings surroundings(Ownership ownership) {
    shared.metrics().sessionOpened();
    return new NodeSurroundings(
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

  private void belongsTo(Resident resident) {
    journal = resident.journal();
    journal.opened(this);
  }

  /** The transport has ended. */
  void closed(CloseReason reason) {
    if (journal != null) {
      journal.closed(this, reason.label());
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

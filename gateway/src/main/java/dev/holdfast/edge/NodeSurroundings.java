package dev.holdfast.edge;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.hub.Choice;
import dev.holdfast.hub.Resident;
import dev.holdfast.openwebui.DocumentFence;
import dev.holdfast.openwebui.SharedDocument;
import dev.holdfast.protocol.Message;
import dev.holdfast.session.Claim;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Estate;
import dev.holdfast.session.Hop;
import dev.holdfast.session.LinkFence;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.Surroundings;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.Relinks;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.UpstreamLink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a session needs of its node: an upstream for its user, and its traces in log, metrics and
 * counts. Confined to the session's thread.
 */
final class NodeSurroundings implements Surroundings {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSurroundings.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("dev.holdfast.access");

  /**
   * Who a session is for.
   *
   * @param kind of its first transport
   * @param address of the client, for limits and logs
   */
  record Guest(LinkRequest request, String kind, String address) {}

  private final SocketSessions.Shared shared;
  private final UpstreamLink.Limits limits;
  private final EventLoop loop;
  private final Guest guest;
  private final Ownership ownership;
  private final Resident resident;
  private final Presence presence;
  private final long since;
  private boolean waitsForItsTurn;
  private @Nullable Upstream target;
  private @Nullable Upstream origin;

  NodeSurroundings(
      SocketSessions.Shared shared,
      UpstreamLink.Limits limits,
      EventLoop loop,
      Guest guest,
      Ownership ownership) {
    this.shared = shared;
    this.limits = limits;
    this.loop = loop;
    this.since = loop.nanoTime();
    this.guest = guest;
    this.ownership = ownership;
    this.resident = new Resident(loop);
    this.presence = new Presence(shared, ownership, guest.address(), resident);
    resident.onTransport(presence::comesThroughNode);
  }

  /** The session that this is for, as others may know it. */
  Resident resident() {
    return resident;
  }

  @Override
  public Hop dial(Hop.Receiver receiver) {
    Optional<Upstream> chosen =
        ownership.user().isEmpty()
            ? shared.upstreams().choose(guest.address())
            : shared.upstreamForSession(ownership.user().get());
    if (chosen.isEmpty()) {
      LOG.warn("no healthy upstream for a session of {}", guest.address());
      loop.execute(() -> receiver.closed(CloseReason.UPSTREAM_UNAVAILABLE));
      return new NoLink();
    }
    presence.startsAt(chosen.get());
    return waitsForItsTurn
        ? inTurn(shared.relinks(), chosen.get(), receiver, this::beginsAt)
        : link(chosen.get(), receiver);
  }

  /** Its turn came, and its upstream may have gone meanwhile. */
  private void beginsAt(Upstream chosen) {
    if (!chosen.equals(presence.upstream())) {
      presence.relinksAt(chosen);
    }
  }

  /**
   * The first link is opened in its turn, too: when a node crashes, all its clients come back at
   * once.
   */
  void waitsForItsTurn() {
    waitsForItsTurn = true;
  }

  private Hop link(Upstream chosen, Hop.Receiver receiver) {
    return UpstreamLink.dial(chosen, guest.request(), limits, shared.metrics(), loop, receiver);
  }

  /** Goes on with a session that another node has given away. */
  void inherit(Will will) {
    shared.upstreams().find(will.upstream()).ifPresent(presence::startsAt);
    resident.journal().chosen(Choice.INHERITED);
    presence.isFoundBy(will.estate().given().stream().map(Estate.Given::pid).toList());
  }

  @Override
  public byte[] will(Estate estate) {
    Upstream upstream = presence.upstream();
    return new Will(estate, ownership.kept(), upstream == null ? "" : upstream.name()).packet();
  }

  @Override
  public void ceded(String heir) {
    presence.ceded(new NodeId(heir));
    shared.metrics().nodes().handedOver("ceded");
    LOG.debug("session of {} was given to node {}", guest.address(), heir);
  }

  @Override
  public Hop redial(Hop.Receiver receiver) {
    return inTurn(shared.relinks(), presence.upstream(), receiver, presence::relinksAt);
  }

  /** A link that is opened when it is this session's turn. */
  private Hop inTurn(
      Relinks line,
      @Nullable Upstream preferred,
      Hop.Receiver receiver,
      Consumer<Upstream> before) {
    AwaitedLink awaited = new AwaitedLink();
    ErrorBoundary boundary =
        new ErrorBoundary("a link", () -> receiver.closed(CloseReason.INTERNAL));
    awaited.awaits(
        line.ask(
            preferred,
            ownership.user().orElse(guest.address()),
            loop,
            chosen ->
                boundary.run(
                    () -> {
                      if (awaited.isWanted()) {
                        before.accept(chosen);
                        awaited.is(link(chosen, receiver));
                      }
                    })));
    return awaited;
  }

  @Override
  public Hop move(Hop.Receiver receiver) {
    // A session that comes from another node may stay where the user's others are.
    Upstream present = presence.upstream();
    boolean stays = present != null && !present.isDrained();
    // One that another node lends ends with that node, so it is not kept waiting.
    Relinks line = mayFence() && !stays ? shared.fencedMoves() : shared.relinks();
    return inTurn(line, stays ? present : null, receiver, chosen -> target = chosen);
  }

  @Override
  public void overlapping() {
    origin = presence.upstream();
    if (target != null) {
      presence.moveTo(target);
    }
  }

  @Override
  public Optional<LinkFence> fence() {
    Upstream old = presence.upstream();
    return mayFence()
        ? Optional.of(
            new DocumentFence(
                shared.secrets().random(),
                this::document,
                link -> knowsDocuments(link == LinkFence.Link.OLD ? old : target)))
        : Optional.empty();
  }

  private static boolean knowsDocuments(@Nullable Upstream upstream) {
    return upstream != null && upstream.knowsDocuments();
  }

  @Override
  public boolean mayFence() {
    Upstream present = presence.upstream();
    boolean isOpenWebUi = present != null && present.heartbeatInterval().isPresent();
    return isOpenWebUi && shared.settings().relink().fences();
  }

  private SharedDocument document() {
    Upstream from = presence.upstream();
    Upstream to = target;
    return shared
        .documents()
        .between(from == null ? "" : from.name(), to == null ? "" : to.name(), loop.nanoTime());
  }

  @Override
  public void moved(Moved result) {
    shared.metrics().resume().moved(result.result(), result.reason());
    if (result == Moved.STAYED && origin != null) {
      presence.moveTo(origin);
    } else if (result != Moved.FAILED && target != null && !target.equals(origin)) {
      resident.journal().chosen(Choice.MOVED);
    }
    Upstream upstream = presence.upstream();
    if (upstream != null) {
      // Until now its old link was open.
      resident.at(upstream.name());
    }
    target = null;
    origin = null;
    LOG.debug("session of {} was moved to {}: {}", guest.address(), upstream, result);
  }

  @Override
  public void bothLinksLost() {
    shared.metrics().resume().moved("unsure", "both-lost");
  }

  @Override
  public void relinked() {
    Upstream upstream = presence.upstream();
    if (upstream != null) {
      shared.metrics().resume().relinked(upstream.name(), "linked");
      LOG.debug("session of {} has a new link to {}", guest.address(), upstream.name());
    }
  }

  @Override
  public void userJoined(Message event) {
    ConnectPayload.joinToken(event).ifPresent(presence::joined);
  }

  @Override
  public void admitted(byte[] reply) {
    ConnectPayload.sid(reply).ifPresent(presence::isCalled);
  }

  @Override
  public void announced() {
    presence.announced();
  }

  @Override
  public String newPid() {
    return presence.newPid();
  }

  @Override
  public void pidRevoked(String pid) {
    presence.revokePid(pid);
  }

  @Override
  public void pidsRevoked() {
    presence.revokePids();
  }

  @Override
  public boolean isOwner(Claim claim) {
    return ownership.isOf(claim.token());
  }

  @Override
  public void parked() {
    presence.parked();
  }

  @Override
  public void parkedBytes(long bytes) {
    resident.parkedBytes(bytes);
  }

  @Override
  public void unparked() {
    presence.unparked();
  }

  @Override
  public void caughtUp(Duration stall) {
    shared.metrics().resume().stalled(stall);
  }

  @Override
  public void memoryShort() {
    shared.residents().shed();
  }

  @Override
  public Optional<Duration> heartbeatInterval() {
    return Optional.ofNullable(presence.upstream()).flatMap(Upstream::heartbeatInterval);
  }

  @Override
  public void accepted(long events) {
    shared.metrics().resume().accepted(events);
  }

  @Override
  public void delivered(long events) {
    shared.metrics().resume().delivered(events);
  }

  @Override
  public void givenUp(String reason, long events) {
    shared.metrics().resume().givenUp(reason, events);
  }

  @Override
  public void replayed(long events, long bytes) {
    shared.metrics().resume().replayed(events, bytes);
  }

  @Override
  public void answerDropped() {
    shared.metrics().resume().answerDropped();
  }

  @Override
  public void ended(CloseReason reason) {
    presence.ended();
    Duration duration = Duration.ofNanos(loop.nanoTime() - since);
    shared.metrics().sessionClosed(reason.label(), duration);
    // A transport that ends with its session has said why already.
    LOG.atLevel(!presence.isParked() || reason.isUsual() ? Level.DEBUG : Level.INFO)
        .log("session of {} ended: {} ({})", guest.address(), reason.label(), reason.sentence());
    if (shared.settings().logging().access()) {
      ACCESS.info(
          "session client={} transport={} upstream={} reason={} duration_ms={}",
          guest.address(),
          guest.kind(),
          Optional.ofNullable(presence.upstream()).map(Upstream::name).orElse("-"),
          reason.label(),
          duration.toMillis());
    }
  }

  /** Takes the place of a link where no upstream can be had. */
  private static final class NoLink implements Hop {
    @Override
    public boolean send(ByteBuffer frames) {
      return false;
    }

    @Override
    public void pauseReads(PauseReason reason) {}

    @Override
    public void resumeReads(PauseReason reason) {}

    @Override
    public boolean ping() {
      return false;
    }

    @Override
    public void close(CloseReason reason) {}
  }
}

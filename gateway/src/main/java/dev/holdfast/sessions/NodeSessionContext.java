package dev.holdfast.sessions;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.engineio.EngineClient;
import dev.holdfast.openwebui.DocumentFence;
import dev.holdfast.openwebui.HeartbeatStage;
import dev.holdfast.openwebui.SharedDocument;
import dev.holdfast.openwebui.UserJoinStage;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.LinkFence;
import dev.holdfast.session.PacketStage;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionContext;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.RelinkScheduler;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.UpstreamLink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Connects a session to its node: chooses an upstream for its user, and reports to log, metrics and
 * registry. Confined to the session's thread.
 */
final class NodeSessionContext implements SessionContext {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSessionContext.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("dev.holdfast.access");

  /**
   * The client of a session.
   *
   * @param kind of its first transport
   * @param address of the client, for limits and logs
   * @param program user agent of a program that gets markers after its first resume; empty for
   *     other clients
   */
  record Guest(LinkRequest request, String kind, String address, Optional<String> program) {
    /** Returns the program as tracked for this owner; empty for other clients. */
    Optional<NonResumingClients.Client> program(NonResumingClients all, Ownership ownership) {
      return program.map(agent -> all.client(ownership.owner(address), agent));
    }
  }

  private final SessionService.Shared shared;
  private final EngineClient.Options options;
  private final EventLoop loop;
  private final Guest guest;
  private final Ownership ownership;
  private final SessionEntry entry;
  private final SessionRegistration registration;
  private final long since;
  private boolean waitsForItsTurn;
  private @Nullable Upstream target;
  private @Nullable Upstream origin;

  NodeSessionContext(
      SessionService.Shared shared,
      EngineClient.Options options,
      EventLoop loop,
      Guest guest,
      Ownership ownership) {
    this.shared = shared;
    this.options = options;
    this.loop = loop;
    this.since = loop.nanoTime();
    this.guest = guest;
    this.ownership = ownership;
    this.entry = new SessionEntry(loop);
    this.registration =
        new SessionRegistration(
            shared,
            ownership,
            guest.address(),
            entry,
            guest.program(shared.nonResuming(), ownership));
    entry.onTransport(registration::hasTransport);
  }

  /** Sets the session, which begins on this node. */
  void begins(Session session) {
    entry.is(session);
    registration.begun();
  }

  /** Returns the session's entry for other threads. */
  SessionEntry entry() {
    return entry;
  }

  @Override
  public List<PacketStage> stages() {
    return List.of(
        new UserJoinStage(event -> ConnectPayload.joinToken(event).ifPresent(registration::joined)),
        new HeartbeatStage(this::heartbeatInterval));
  }

  private Optional<Duration> heartbeatInterval() {
    return Optional.ofNullable(registration.upstream()).flatMap(Upstream::heartbeatInterval);
  }

  @Override
  public void stageFailed(String stage) {
    shared.metrics().stageFailed(stage);
  }

  @Override
  public EngineConnection dial(EngineConnection.Listener listener) {
    Optional<Upstream> chosen =
        ownership.user().isEmpty()
            ? shared.upstreams().choose(guest.address())
            : shared.upstreamForSession(ownership.user().get());
    if (chosen.isEmpty()) {
      LOG.warn("no healthy upstream for a session of {}", guest.address());
      loop.execute(() -> listener.closed(CloseReason.UPSTREAM_UNAVAILABLE));
      return new NoLink();
    }
    registration.startsAt(chosen.get());
    return waitsForItsTurn
        ? inTurn(shared.relinks(), chosen.get(), listener, this::beginsAt)
        : link(chosen.get(), listener);
  }

  /** The permit was granted, perhaps for another upstream than the one chosen before. */
  private void beginsAt(Upstream chosen) {
    if (!chosen.equals(registration.upstream())) {
      registration.relinksAt(chosen);
    }
  }

  /**
   * Makes the first link wait for a permit, too: after a crash of a node, all its clients reconnect
   * at once.
   */
  void waitsForItsTurn() {
    waitsForItsTurn = true;
  }

  /** Records that the client names no earlier session. */
  void connectedAfresh() {
    registration.connectedAfresh();
  }

  private EngineConnection link(Upstream chosen, EngineConnection.Listener listener) {
    return UpstreamLink.dial(chosen, guest.request(), options, shared.metrics(), loop, listener);
  }

  /** Sets the session, which another node has handed off. */
  void adopts(Session session, HandoffMessage handoffMessage) {
    entry.is(session);
    registration.adopted();
    shared.upstreams().find(handoffMessage.upstream()).ifPresent(registration::startsAt);
    entry.history().chosen(UpstreamReason.ADOPTED);
    registration.isFoundBy(
        handoffMessage.snapshot().given().stream().map(SessionSnapshot.Given::pid).toList());
  }

  @Override
  public byte[] handoffMessage(SessionSnapshot snapshot) {
    return new HandoffMessage(snapshot, ownership.kept(), name(registration.upstream())).packet();
  }

  @Override
  public void handedOff(String successor) {
    registration.handedOff(new NodeId(successor));
    shared.metrics().nodes().handoff("sent");
    LOG.debug("session of {} was handed off to node {}", guest.address(), successor);
  }

  @Override
  public EngineConnection redial(EngineConnection.Listener listener) {
    return inTurn(shared.relinks(), registration.upstream(), listener, registration::relinksAt);
  }

  /** Returns a link that opens once this session has its permit. */
  private EngineConnection inTurn(
      RelinkScheduler line,
      @Nullable Upstream preferred,
      EngineConnection.Listener listener,
      Consumer<Upstream> before) {
    AwaitedLink awaited = new AwaitedLink();
    ErrorBoundary boundary =
        new ErrorBoundary("a link", () -> listener.closed(CloseReason.INTERNAL));
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
                        awaited.is(link(chosen, listener));
                      }
                    })));
    return awaited;
  }

  @Override
  public EngineConnection move(EngineConnection.Listener listener) {
    // A session from another node may stay where the user's other sessions are.
    Upstream present = registration.upstream();
    boolean stays = present != null && !present.isDrained();
    // A forwarded link ends with its node, so this session skips the pace of fenced switchovers.
    RelinkScheduler line = mayFence() && !stays ? shared.fencedSwitchovers() : shared.relinks();
    return inTurn(line, stays ? present : null, listener, chosen -> target = chosen);
  }

  @Override
  public void overlapping() {
    origin = registration.upstream();
    if (target != null) {
      registration.moveTo(target);
    }
  }

  @Override
  public Optional<LinkFence> fence() {
    Upstream old = registration.upstream();
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
    boolean isOpenWebUi = heartbeatInterval().isPresent();
    return isOpenWebUi && shared.settings().get(RelinkKeys.FENCES);
  }

  private SharedDocument document() {
    return shared.documents().between(name(registration.upstream()), name(target), loop.nanoTime());
  }

  private static String name(@Nullable Upstream upstream) {
    return upstream == null ? "" : upstream.name();
  }

  @Override
  public void switchedOver(SwitchoverResult result) {
    shared.metrics().resume().switchedOver(result.result(), result.reason());
    if (result == SwitchoverResult.STAYED && origin != null) {
      registration.moveTo(origin);
    } else if (result != SwitchoverResult.FAILED && target != null && !target.equals(origin)) {
      entry.history().chosen(UpstreamReason.SWITCHED_OVER);
    }
    Upstream upstream = registration.upstream();
    if (upstream != null) {
      // Until now, the old link was open.
      entry.at(upstream.name());
    }
    target = null;
    origin = null;
    LOG.debug("session of {} is on {} after a switchover: {}", guest.address(), upstream, result);
  }

  @Override
  public void bothLinksLost() {
    shared.metrics().resume().switchedOver("unsure", "both-lost");
  }

  @Override
  public void relinked() {
    Upstream upstream = registration.upstream();
    if (upstream != null) {
      shared.metrics().resume().relinked(upstream.name(), "linked");
      LOG.debug("session of {} has a new link to {}", guest.address(), upstream.name());
    }
  }

  @Override
  public void admitted(byte[] reply) {
    ConnectPayload.sid(reply).ifPresent(registration::isCalled);
  }

  @Override
  public void announced() {
    registration.announced();
  }

  @Override
  public String newPid() {
    return registration.newPid();
  }

  @Override
  public void pidRevoked(String pid) {
    registration.revokePid(pid);
  }

  @Override
  public void pidsRevoked() {
    registration.revokePids();
  }

  @Override
  public boolean isOwner(ResumeRequest resume) {
    return ownership.isOf(resume.token());
  }

  @Override
  public boolean mayPark() {
    return registration.mayPark();
  }

  @Override
  public void parked() {
    registration.parked();
  }

  @Override
  public void parkedBytes(long bytes) {
    entry.parkedBytes(bytes);
  }

  @Override
  public void unparked() {
    registration.unparked();
  }

  @Override
  public void caughtUp(Duration stall) {
    shared.metrics().resume().stalled(stall);
  }

  @Override
  public void memoryShort() {
    shared.registry().shed();
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
  public void merged(long events) {
    shared.metrics().resume().merged(events);
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
    registration.ended();
    Duration duration = Duration.ofNanos(loop.nanoTime() - since);
    shared.metrics().sessionClosed(reason.label(), duration);
    // The log line of its transport already states the reason.
    LOG.atLevel(!registration.isParked() || reason.isUsual() ? Level.DEBUG : Level.INFO)
        .log("session of {} ended: {} ({})", guest.address(), reason.label(), reason.sentence());
    if (shared.settings().get(ProcessKeys.ACCESS)) {
      ACCESS.info(
          "session client={} transport={} upstream={} reason={} duration_ms={}",
          guest.address(),
          guest.kind(),
          Optional.ofNullable(registration.upstream()).map(Upstream::name).orElse("-"),
          reason.label(),
          duration.toMillis());
    }
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.EngineConnection.Listener;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.session.SessionState.Closed;
import dev.holdfast.session.SessionState.Effect;
import dev.holdfast.session.SessionState.Linking;
import dev.holdfast.session.SessionState.Live;
import dev.holdfast.session.SessionState.Step;
import dev.holdfast.time.ErrorBoundary;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client's Socket.IO session. Performs the effects of {@link SessionState} and forwards packets
 * between transport and link. Outlives both. Confined to the thread of its first transport.
 */
public final class Session {
  private final ErrorBoundary boundary = new ErrorBoundary("a session", this::abandon);
  private final SessionContext context;
  private final SessionSetup setup;
  private final Calls calls;
  private final Stages stages;
  private final ClientPackets clientPackets;
  private final ForwardBuffer up;
  private final Downstream down;
  private final @Nullable Delivery delivery;
  private final PacketSequenceGuard upwards;
  private final PacketSequenceGuard downwards;
  private final LinkPackets linkPackets;
  private final Uplink uplink;
  private final ParkTimer parkTimer;
  private final LinkTrust trust;
  private final Connection connection;
  private final Timeouts timeouts;
  private final Downlink downlink;
  private final @Nullable Switchovers switchovers;
  private SessionState state = new Linking();
  private boolean ended;

  /**
   * Creates a session for a client that has sent its first CONNECT.
   *
   * @param connect payload of the packet, without the client's resume request
   */
  public Session(
      EngineConnection transport, byte[] connect, SessionContext context, SessionSetup given) {
    this.context = context;
    this.setup = given.with(boundary.guard(given.timers()));
    this.calls = new Calls(setup.firstCall());
    this.trust = new LinkTrust(setup.timers());
    this.up = new ForwardBuffer(setup.pool(), setup.limits().waitingBytes());
    this.delivery = setup.style() == OffsetStyle.NONE ? null : new Delivery(setup, context, calls);
    this.down =
        delivery == null
            ? new ForwardBuffer(setup.pool(), setup.limits().waitingBytes())
            : delivery.sender();
    this.upwards = PacketSequenceGuard.up(up, setup, this::close);
    this.downwards = PacketSequenceGuard.down(down, setup, this::close, this::outboxFull);
    this.uplink = new Uplink(up, down, calls, connect, context::admitted, boundary);
    this.connection = new Connection(this, uplink, delivery, trust, setup.json());
    this.stages = new Stages(context, setup, injector(), boundary);
    this.clientPackets = new ClientPackets(upwards, calls, stages, context, setup, connection);
    this.linkPackets = new LinkPackets(stages, calls, delivery, downwards, connection);
    this.parkTimer = new ParkTimer(setup.timers(), context, this::close);
    this.downlink = new Downlink(transport, new TransportSide(), up, down, boundary);
    this.timeouts = new Timeouts(setup, downlink, this::transportLost, this::close);
    this.switchovers = delivery == null ? null : new Switchovers(this, parts(delivery));
  }

  private PacketInjector injector() {
    return new PacketInjector(connection::isUsable, up, upwards, downwards, boundary);
  }

  /** Opens the link. Returns the listener for the transport. */
  public Listener start() {
    boundary.run(() -> dial(context::dial));
    return downlink.detachable();
  }

  private void dial(Uplink.Dialling how) {
    timeouts.awaitLink();
    uplink.dial(how, new LinkSide());
  }

  ErrorBoundary boundary() {
    return boundary;
  }

  private Parts parts(Delivery box) {
    return new Parts(
        setup, context, calls, box, up, uplink, downlink, downwards, clientPackets, new LinkSide());
  }

  /**
   * Continues a session that another node has handed off, in place of {@link #start}. Returns the
   * listener for the transport.
   *
   * @param link opens the connection to the existing link and reports to the given listener
   */
  public Listener adopt(SessionSnapshot snapshot, Function<Listener, EngineConnection> link) {
    boundary.run(() -> goOn(snapshot, link));
    return downlink.detachable();
  }

  private void goOn(SessionSnapshot snapshot, Function<Listener, EngineConnection> link) {
    Objects.requireNonNull(delivery, "only a session that can be resumed is given away");
    delivery.adopt(snapshot);
    calls.adopt(snapshot.highestCall(), snapshot.unanswered());
    stages.restore(snapshot.stages());
    uplink.adopt(link::apply, new LinkSide(), snapshot.reply().getBytes(StandardCharsets.UTF_8));
    connection.adopt();
  }

  /** Closes the session. Further calls have no effect. */
  public void close(CloseReason reason) {
    boundary.run(() -> take(state.close(reason), reason));
  }

  /** Closes the session if its client is away. */
  public void closeParked(CloseReason reason) {
    if (downlink.isGone()) {
      close(reason);
    }
  }

  /** Releases every part after an unexpected error, even if releasing another part fails. */
  private void abandon() {
    if (ended) {
      return;
    }
    CloseReason reason = state instanceof Closed over ? over.reason() : CloseReason.INTERNAL;
    state = new Closed(reason);
    boundary.attempt(() -> leaveTransport(reason));
    boundary.attempt(() -> downlink.close(reason));
    boundary.attempt(() -> closeLinks(reason));
    end(reason);
  }

  private void closeLinks(CloseReason reason) {
    if (switchovers != null) {
      switchovers.close(reason);
    }
    uplink.close(reason);
  }

  /** Returns the current status, for operators. */
  public SessionStatus status() {
    return SessionStatus.of(state, delivery, parkTimer, timeouts);
  }

  /** Returns whether the session is closed. */
  public boolean isClosed() {
    return state instanceof Closed;
  }

  /**
   * Moves the session to another upstream, if possible.
   *
   * @param late whether to move now even if the session is not quiet or its client is away
   * @return whether a move is in progress
   */
  public boolean move(boolean late) {
    if (switchovers != null && isMovable() && switchovers.mayBegin(late)) {
      boundary.run(() -> step(SessionState::move));
    }
    return switchovers != null && switchovers.areGoing();
  }

  private boolean isMovable() {
    return connection.isThere() && !stages.hasOtherNamespaces();
  }

  /**
   * Hands the session off to the client's node, if possible; for {@code late}, see {@link #move}.
   */
  public void handOff(boolean late) {
    boolean movable = state instanceof Live && isMovable();
    if (movable && switchovers != null && switchovers.mayHandOff(late)) {
      boundary.run(switchovers::handOff);
    }
  }

  /** Applies an event to the state and performs the effects. */
  void step(Function<SessionState, Step> event) {
    take(event.apply(state), CloseReason.SWITCHED_OVER);
  }

  Stages stages() {
    return stages;
  }

  SessionState state() {
    return state;
  }

  /** Closes the session because it can buffer no more. */
  void outboxFull() {
    close(delivery == null ? CloseReason.NO_BUFFERS : delivery.whyFull());
  }

  /**
   * Resumes the session over another transport. First processes the answers that the client sent
   * before its CONNECT, so that their calls are not replayed. Closes the session if the request is
   * valid but the missed packets cannot be replayed.
   *
   * @param number of the transport, higher than those of its node's earlier transports
   * @param sent passes those answers to the consumer that it is given
   */
  public ResumeResult resume(
      EngineConnection next, long number, ResumeRequest request, Consumer<Consumer<Message>> sent) {
    boolean offered = switchovers != null && switchovers.areOffered();
    if (isClosed() || delivery == null || offered) {
      return ResumeResult.refused(offered ? Result.GIVEN_UP : Result.EXPIRED);
    }
    ResumeHandler handler =
        new ResumeHandler(this, parts(delivery), parkTimer, new TransportSide());
    return boundary.call(
        () -> handler.resume(next, number, request, sent),
        error -> ResumeResult.refused(Result.EXPIRED));
  }

  /** Closes the transport. The session continues. */
  void leaveTransport(CloseReason reason) {
    clientPackets.forgetPart();
    timeouts.blocked(false);
    if (delivery != null) {
      delivery.detach();
    }
    if (switchovers != null) {
      switchovers.stay();
    }
    downlink.close(reason);
  }

  private void take(Step step, CloseReason reason) {
    state = step.next();
    for (Effect effect : step.effects()) {
      switch (effect) {
        case ANNOUNCE -> {
          timeouts.linkThere();
          context.announced();
        }
        case PARK -> park(reason);
        case UNPARK -> parkTimer.over();
        case REDIAL -> dial(context::redial);
        case RELINKED -> {
          timeouts.linkThere();
          context.relinked();
          uplink.pass();
        }
        case CLOSE_TRANSPORT -> {
          down.drainLast();
          leaveTransport(reason);
        }
        case CLOSE_LINK -> closeLinks(reason);
        case OPEN_NEXT, OVERLAP, SWITCH, STAY, DROP_NEXT ->
            Objects.requireNonNull(switchovers).perform(effect);
        case END -> end(state instanceof Closed over ? over.reason() : reason);
      }
      stages.performed(effect);
    }
  }

  private void park(CloseReason reason) {
    leaveTransport(reason);
    timeouts.linkThere();
    parkTimer.begin(Objects.requireNonNull(delivery).window(reason));
    delivery.tellMemory();
  }

  private void end(CloseReason reason) {
    ended = true;
    boundary.attempt(timeouts::stop);
    stages.close();
    if (delivery != null) {
      boundary.attempt(() -> delivery.end(reason));
    }
    boundary.attempt(up::clear);
    boundary.attempt(down::clear);
    boundary.attempt(() -> context.ended(reason));
    boundary.attempt(parkTimer::over);
  }

  private void transportLost(CloseReason reason) {
    boolean resumable =
        reason.isResumable() && connection.isThere() && delivery != null && delivery.isResumable();
    take(state.transportLost(reason, resumable), reason);
  }

  private void linkLost(CloseReason reason) {
    boolean known = delivery != null && connection.isThere();
    boolean others = stages.hasOtherNamespaces();
    boolean again = known && reason != CloseReason.INTERNAL && !others && trust.deservesAnother();
    if (again) {
      uplink.hold();
    }
    boolean untold = known && others && reason != CloseReason.UPSTREAM_MESSAGE;
    CloseReason why = untold ? CloseReason.OTHER_NAMESPACES : reason;
    take(state.linkLost(why, again), why);
  }

  private final class TransportSide implements Listener {
    @Override
    public void message(Message message) throws ProtocolException {
      clientPackets.message(message);
    }

    @Override
    public void batchEnd() {
      clientPackets.flush();
      if (!isClosed() && !up.hasTarget() && up.waitingBytes() > setup.limits().gapBytes()) {
        close(CloseReason.RELINK_WAITING);
      }
    }

    @Override
    public void writable() {
      if (delivery == null) {
        down.drain();
      } else {
        delivery.drain();
      }
      timeouts.blocked(down.isBlocked());
      if (switchovers != null) {
        switchovers.look();
      }
    }

    @Override
    public void acknowledged(long bytes) {
      if (delivery != null) {
        delivery.confirm(bytes);
        timeouts.blocked(down.isBlocked());
        Objects.requireNonNull(switchovers).look();
      }
    }

    @Override
    public void closed(CloseReason reason) {
      clientPackets.transportLost();
      downlink.lost();
      transportLost(reason);
    }
  }

  private final class LinkSide implements Listener {
    @Override
    public void message(Message message) throws ProtocolException {
      linkPackets.message(message);
      if (switchovers != null) {
        switchovers.old(message);
      }
    }

    @Override
    public void batchEnd() {
      downwards.flush();
      if (switchovers != null) {
        switchovers.linkRead();
      }
      if (delivery != null && downlink.isGone() && !isClosed()) {
        delivery.tellMemory();
      }
      if (setup.outboxes().isShort()) {
        context.memoryShort();
      }
      timeouts.blocked(down.isBlocked() && !isClosed());
    }

    @Override
    public void writable() {
      uplink.writable();
    }

    @Override
    public void acknowledged(long bytes) {
      // Upstreams do not confirm.
    }

    @Override
    public void closed(CloseReason reason) {
      linkPackets.linkLost();
      if (switchovers != null) {
        switchovers.linkLost();
      }
      clientPackets.linkLost();
      uplink.lost();
      trust.lost(reason);
      linkLost(reason);
    }
  }
}

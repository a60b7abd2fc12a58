package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Resumption.Result;
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
 * One Socket.IO session of one client: performs what {@link SessionState} decides and moves packets
 * between transport and link. It outlives both. Confined to the thread of its first transport.
 */
public final class Session {
  private final ErrorBoundary boundary = new ErrorBoundary("a session", this::abandon);
  private final Surroundings surroundings;
  private final SessionSetup setup;
  private final Calls calls;
  private final Namespaces namespaces = new Namespaces();
  private final ClientPackets clientPackets;
  private final Lane up;
  private final Downstream down;
  private final @Nullable Delivery delivery;
  private final Passage upwards;
  private final Passage downwards;
  private final LinkPackets linkPackets;
  private final Uplink uplink;
  private final Absence absence;
  private final LinkTrust trust;
  private final Connection connection;
  private final Patience patience;
  private final Downlink downlink;
  private final @Nullable Moves moves;
  private SessionState state = new Linking();

  /**
   * A session whose client has sent its first CONNECT.
   *
   * @param connect the packet, without what it says about an earlier session
   */
  public Session(Hop transport, byte[] connect, Surroundings surroundings, SessionSetup given) {
    this.surroundings = surroundings;
    this.setup = given.with(boundary.guard(given.timers()));
    this.calls = new Calls(setup.firstCall());
    this.trust = new LinkTrust(setup.timers());
    this.up = new Lane(setup.pool(), setup.limits().waitingBytes());
    this.delivery =
        setup.style() == OffsetStyle.NONE ? null : new Delivery(setup, surroundings, calls);
    this.down =
        delivery == null
            ? new Lane(setup.pool(), setup.limits().waitingBytes())
            : delivery.outbox();
    this.upwards = Passage.up(up, setup, this);
    this.downwards =
        new Passage(down, setup, CloseReason.UPSTREAM_PROTOCOL, this::close, this::outboxFull);
    this.uplink = new Uplink(up, down, calls, connect, surroundings::admitted, boundary);
    this.connection = new Connection(this, uplink, delivery, trust, setup.json());
    this.clientPackets =
        new ClientPackets(upwards, calls, namespaces, surroundings, setup, connection);
    this.linkPackets = new LinkPackets(namespaces, calls, delivery, downwards, connection);
    this.absence = new Absence(setup.timers(), surroundings, this::close, uplink::say);
    this.downlink = new Downlink(transport, new TransportSide(), up, down, boundary);
    this.patience = new Patience(setup, downlink, this::transportLost, this::close);
    this.moves = delivery == null ? null : new Moves(parts(delivery));
  }

  /** Opens the link; says who hears what the transport tells. */
  public Hop.Receiver start() {
    boundary.run(() -> dial(surroundings::dial));
    return downlink.attachment();
  }

  private void dial(Uplink.Dialling how) {
    patience.awaitLink();
    uplink.dial(how, new LinkSide());
  }

  ErrorBoundary boundary() {
    return boundary;
  }

  private Parts parts(Delivery box) {
    return new Parts(
        this,
        setup,
        surroundings,
        calls,
        box,
        up,
        uplink,
        downlink,
        downwards,
        clientPackets,
        new LinkSide());
  }

  /**
   * Goes on, in place of {@link #start}, with a session that another node has given away, over a
   * link that is reached so; says who hears what the transport tells.
   */
  public Hop.Receiver inherit(Estate estate, Function<Hop.Receiver, Hop> link) {
    boundary.run(() -> goOn(estate, link));
    return downlink.attachment();
  }

  private void goOn(Estate estate, Function<Hop.Receiver, Hop> link) {
    Objects.requireNonNull(delivery, "only a session that can be resumed is given away");
    delivery.inherit(estate);
    calls.inherit(estate.highestCall(), estate.unanswered());
    if (estate.paced()) {
      clientPackets.relinked();
    }
    uplink.inherit(link::apply, new LinkSide(), estate.reply().getBytes(StandardCharsets.UTF_8));
    connection.inherit();
  }

  /** Ends the session; a second call changes nothing. */
  public void close(CloseReason reason) {
    boundary.run(() -> take(state.close(reason), reason));
  }

  /** Ends the session if its client is away. */
  public void closeParked(CloseReason reason) {
    if (downlink.isGone()) {
      close(reason);
    }
  }

  /** Something was thrown inside: each part is let go, whatever comes of the others. */
  private void abandon() {
    if (isClosed()) {
      return;
    }
    CloseReason reason = CloseReason.INTERNAL;
    state = new Closed(reason);
    boundary.attempt(() -> leaveTransport(reason));
    boundary.attempt(() -> downlink.close(reason));
    boundary.attempt(() -> closeLinks(reason));
    boundary.attempt(up::clear);
    boundary.attempt(down::clear);
    boundary.attempt(() -> end(reason));
  }

  private void closeLinks(CloseReason reason) {
    if (moves != null) {
      moves.close(reason);
    }
    uplink.close(reason);
  }

  /** How it is now, for an operator. */
  public Glance glance() {
    return Glance.of(state, delivery, absence, patience);
  }

  /** Whether the session is over. */
  public boolean isClosed() {
    return state instanceof Closed;
  }

  /**
   * Moves the session to another upstream, if it can be moved.
   *
   * @param late whether it has to be now, though it is not quiet or its client is away
   * @return whether it is on its way
   */
  public boolean move(boolean late) {
    if (moves != null && isMovable() && moves.mayBegin(late)) {
      boundary.run(() -> step(SessionState::move));
    }
    return moves != null && moves.areGoing();
  }

  private boolean isMovable() {
    return connection.isThere() && namespaces.isEmpty();
  }

  /** Gives the session to the node that its client is on, if it can be; see {@link #move}. */
  public void cede(boolean late) {
    if (moves != null && state instanceof Live && isMovable() && moves.mayCede(late)) {
      boundary.run(moves::cede);
    }
  }

  /** The upstream, or the one that the session moves to, has said or done something. */
  void step(Function<SessionState, Step> event) {
    take(event.apply(state), CloseReason.MOVED);
  }

  SessionState state() {
    return state;
  }

  /** Ends the session, for it can keep no more. */
  void outboxFull() {
    close(delivery == null ? CloseReason.NO_BUFFERS : delivery.whyFull());
  }

  /**
   * Lets a client go on over another transport. What it sent before its CONNECT is taken first:
   * answers to calls, which then are not asked again. If it cannot go on, this session ends.
   *
   * @param number of the transport, higher than those of its node's earlier ones
   */
  public Resumption resume(
      Hop newcomer, long number, Claim claim, Consumer<Consumer<Message>> answers) {
    boolean offered = moves != null && moves.areOffered();
    if (isClosed() || delivery == null || offered) {
      return Resumption.refused(offered ? Result.GIVEN_UP : Result.EXPIRED);
    }
    Comeback comeback = new Comeback(parts(delivery), absence, new TransportSide());
    return boundary.call(
        () -> comeback.resume(newcomer, number, claim, answers),
        Resumption.refused(Result.EXPIRED));
  }

  /** Ends the transport; the session goes on. */
  void leaveTransport(CloseReason reason) {
    clientPackets.forgetPart();
    patience.blocked(false);
    if (delivery != null) {
      delivery.detach();
    }
    if (moves != null) {
      moves.stay();
    }
    downlink.close(reason);
  }

  private void take(Step step, CloseReason reason) {
    state = step.next();
    for (Effect effect : step.effects()) {
      switch (effect) {
        case ANNOUNCE -> {
          patience.linkThere();
          surroundings.announced();
        }
        case PARK -> park(reason);
        case UNPARK -> absence.over();
        case REDIAL -> dial(surroundings::redial);
        case RELINKED -> relinked();
        case CLOSE_TRANSPORT -> {
          down.drainLast();
          leaveTransport(reason);
        }
        case CLOSE_LINK -> closeLinks(reason);
        case OPEN_NEXT, OVERLAP, SWITCH, STAY, DROP_NEXT ->
            Objects.requireNonNull(moves).perform(effect);
        case END -> end(state instanceof Closed over ? over.reason() : reason);
      }
    }
  }

  private void park(CloseReason reason) {
    leaveTransport(reason);
    patience.linkThere();
    namespaces.leave().forEach(uplink::say);
    if (delivery != null) {
      absence.begin(delivery.window(reason));
      delivery.tellMemory();
    }
  }

  private void relinked() {
    patience.linkThere();
    clientPackets.relinked();
    surroundings.relinked();
    uplink.pass();
  }

  private void end(CloseReason reason) {
    patience.stop();
    absence.stop();
    if (delivery != null) {
      delivery.end(reason);
    }
    up.clear();
    down.clear();
    surroundings.ended(reason);
    absence.over();
  }

  private void transportLost(CloseReason reason) {
    boolean resumable =
        reason.isResumable() && connection.isThere() && delivery != null && delivery.isResumable();
    take(state.transportLost(reason, resumable), reason);
  }

  private void linkLost(CloseReason reason) {
    boolean known = delivery != null && connection.isThere();
    boolean again =
        known && reason != CloseReason.INTERNAL && namespaces.isEmpty() && trust.deservesAnother();
    if (again) {
      uplink.hold();
    }
    CloseReason why = known && !namespaces.isEmpty() ? CloseReason.OTHER_NAMESPACES : reason;
    take(state.linkLost(why, again), why);
  }

  private final class TransportSide implements Hop.Receiver {
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
      patience.blocked(down.isBlocked());
      if (moves != null) {
        moves.look();
      }
    }

    @Override
    public void acknowledged(long bytes) {
      if (delivery != null) {
        delivery.confirm(bytes);
        patience.blocked(down.isBlocked());
        Objects.requireNonNull(moves).look();
      }
    }

    @Override
    public void closed(CloseReason reason) {
      clientPackets.flush();
      downlink.lost();
      transportLost(reason);
    }
  }

  private final class LinkSide implements Hop.Receiver {
    @Override
    public void message(Message message) throws ProtocolException {
      linkPackets.message(message);
      if (moves != null) {
        moves.old(message);
      }
    }

    @Override
    public void batchEnd() {
      downwards.flush();
      if (moves != null) {
        moves.linkRead();
      }
      if (delivery != null && downlink.isGone() && !isClosed()) {
        delivery.tellMemory();
      }
      if (setup.outboxes().isShort()) {
        surroundings.memoryShort();
      }
      patience.blocked(down.isBlocked() && !isClosed());
    }

    @Override
    public void writable() {
      uplink.writable();
    }

    @Override
    public void acknowledged(long bytes) {
      // An upstream confirms nothing.
    }

    @Override
    public void closed(CloseReason reason) {
      downwards.flush();
      if (moves != null) {
        moves.linkLost();
      }
      clientPackets.linkLost();
      uplink.lost();
      trust.lost(reason);
      linkLost(reason);
    }
  }
}

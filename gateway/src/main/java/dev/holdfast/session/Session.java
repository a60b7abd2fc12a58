package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Resumption.Result;
import dev.holdfast.session.SessionSetup.Limits;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.session.SessionState.Closed;
import dev.holdfast.session.SessionState.Effect;
import dev.holdfast.session.SessionState.Linking;
import dev.holdfast.session.SessionState.Overlapping;
import dev.holdfast.session.SessionState.Relinking;
import dev.holdfast.session.SessionState.Step;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One Socket.IO session of one client: performs what {@link SessionState} decides and moves packets
 * between transport and link. It outlives both. Confined to the thread of its first transport.
 */
public final class Session {
  private final Surroundings surroundings;
  private final SessionSetup setup;
  private final Timers timers;
  private final Calls calls = new Calls();
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
  private final Moves moves = new Moves(this::handover, calls);
  private SessionState state = new Linking();
  private @Nullable Hop transport;
  private long newest = -1;
  private Attachment client;
  private long lastRead;

  /**
   * A session whose client has sent its first CONNECT.
   *
   * @param connect the packet, without what it says about an earlier session
   */
  public Session(Hop transport, byte[] connect, Surroundings surroundings, SessionSetup setup) {
    Limits limits = setup.limits();
    this.surroundings = surroundings;
    this.setup = setup;
    this.timers = setup.timers();
    this.trust = new LinkTrust(timers);
    this.patience = new Patience(setup, this::transportLost, this::close);
    this.up = new Lane(setup.pool(), limits.waitingBytes());
    this.delivery =
        setup.style() == OffsetStyle.NONE ? null : new Delivery(setup, surroundings, calls);
    this.down =
        delivery == null ? new Lane(setup.pool(), limits.waitingBytes()) : delivery.outbox();
    this.upwards = passageUp(up);
    this.downwards = passage(down, CloseReason.UPSTREAM_PROTOCOL, this::outboxFull);
    this.uplink = new Uplink(up, down, calls, connect, surroundings::admitted);
    this.connection = new Connection(this, uplink, delivery, trust, setup.json());
    this.clientPackets =
        new ClientPackets(upwards, calls, namespaces, surroundings, setup, connection);
    this.linkPackets = new LinkPackets(namespaces, calls, delivery, downwards, connection);
    this.absence = new Absence(timers, surroundings, this::close, uplink::say);
    this.transport = transport;
    this.client = new Attachment(new TransportSide());
    up.from(transport);
    down.to(transport);
  }

  /** A way for a client's packets. */
  Passage passageUp(Lane lane) {
    return passage(lane, CloseReason.TOO_MANY_ATTACHMENTS, () -> close(CloseReason.NO_BUFFERS));
  }

  private Passage passage(Downstream lane, CloseReason tooMany, Runnable full) {
    return new Passage(lane, setup.limits().attachments(), tooMany, this::close, full);
  }

  /** Opens the link; says who hears what the transport tells. */
  public Hop.Receiver start() {
    uplink.dial(surroundings::dial, new LinkSide());
    return client;
  }

  /** Ends the session; a second call changes nothing. */
  public void close(CloseReason reason) {
    take(state.close(reason), reason);
  }

  /** Ends the session if its client is away. */
  public void closeParked(CloseReason reason) {
    if (transport == null) {
      close(reason);
    }
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
    Duration silence = Duration.ofNanos(timers.nanoTime() - lastRead);
    boolean able = delivery != null && connection.isThere() && namespaces.isEmpty();
    if (able && (late || (transport != null && moves.areEasy(silence)))) {
      step(SessionState::move);
    }
    return moves.areGoing();
  }

  /** The upstream, or the one that the session moves to, has said or done something. */
  void step(Function<SessionState, Step> event) {
    take(event.apply(state), CloseReason.MOVED);
  }

  /** Whether a link is opened in place of a lost one. */
  boolean isRelinking() {
    return state instanceof Relinking;
  }

  /** Whether two links overlap. */
  boolean isOverlapping() {
    return state instanceof Overlapping;
  }

  /** Whether there is no transport. */
  boolean isAway() {
    return transport == null;
  }

  private Handover handover() {
    if (delivery == null) {
      throw new IllegalStateException("a session whose client cannot resume does not move");
    }
    return new Handover(
        new Handover.Parts(
            this,
            setup,
            surroundings,
            calls,
            delivery,
            up,
            uplink,
            downwards,
            clientPackets,
            new LinkSide()));
  }

  /** Ends the session, for it can keep no more. */
  void outboxFull() {
    if (delivery == null) {
      close(CloseReason.NO_BUFFERS);
    } else {
      close(setup.outboxes().isShort() ? CloseReason.OUTBOX_MEMORY : CloseReason.OUTBOX_FULL);
    }
  }

  /**
   * A client wants to go on with this session over another transport. What it sent before its
   * CONNECT is taken first: answers to calls, which then are not asked again. A client that is
   * refused though the session is its own will get a fresh one, and this one ends.
   *
   * @param number of the transport, higher than those of its node's earlier ones
   */
  public Resumption resume(
      Hop newcomer, long number, Claim claim, Consumer<Consumer<Message>> answers) {
    Delivery box = delivery;
    if (isClosed() || box == null) {
      return Resumption.refused(Result.EXPIRED);
    }
    Optional<Result> objection = box.objection(claim);
    if (objection.isPresent()) {
      return Resumption.refused(objection.get());
    }
    if (transport != null && number < newest) {
      return Resumption.refused(Result.GIVEN_UP);
    }
    newest = number;
    long cutAt = transport == null ? absence.since() : timers.nanoTime();
    leaveTransport(CloseReason.TAKEN_OVER);
    answers.accept(this::earlyAnswer);
    clientPackets.flush();
    Result result = isClosed() ? Result.EXPIRED : box.lineUp(claim);
    if (result != Result.RECOVERED) {
      close(CloseReason.SUPERSEDED);
      return Resumption.refused(result);
    }
    transport = newcomer;
    client = new Attachment(new TransportSide());
    up.from(newcomer);
    down.to(newcomer);
    box.catchUp(cutAt);
    take(state.attached(), CloseReason.TAKEN_OVER);
    box.drain();
    return new Resumption(result, client);
  }

  private void leaveTransport(CloseReason reason) {
    Hop old = transport;
    transport = null;
    client.cut();
    clientPackets.forgetPart();
    patience.blocked(false);
    if (delivery != null) {
      delivery.detach();
    }
    if (old != null) {
      old.close(reason);
    }
  }

  private void earlyAnswer(Message message) {
    try {
      clientPackets.message(message);
    } catch (ProtocolException e) {
      throw new IllegalStateException("answers were looked at when they came", e);
    }
  }

  private void take(Step step, CloseReason reason) {
    state = step.next();
    for (Effect effect : step.effects()) {
      switch (effect) {
        case ANNOUNCE -> surroundings.announced();
        case PARK -> park(reason);
        case UNPARK -> absence.over();
        case REDIAL -> redial();
        case RELINKED -> relinked();
        case CLOSE_TRANSPORT -> {
          down.drainLast();
          leaveTransport(reason);
        }
        case CLOSE_LINK -> {
          moves.close(reason);
          uplink.close(reason);
        }
        case OPEN_NEXT, OVERLAP, SWITCH, STAY, DROP_NEXT -> moves.perform(effect);
        case END -> end(reason);
      }
    }
  }

  private void park(CloseReason reason) {
    leaveTransport(reason);
    patience.linkThere();
    namespaces.leave().forEach(uplink::say);
    if (delivery != null) {
      absence.begin(delivery.window(reason));
      tellParkedBytes();
    }
  }

  private void tellParkedBytes() {
    if (delivery != null) {
      surroundings.parkedBytes(delivery.outbox().memory());
    }
  }

  private void redial() {
    patience.awaitLink();
    uplink.dial(surroundings::redial, new LinkSide());
  }

  private void relinked() {
    patience.linkThere();
    clientPackets.relinked();
    surroundings.relinked();
    uplink.pass();
  }

  private void end(CloseReason reason) {
    patience.stop();
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
    boolean again = known && namespaces.isEmpty() && trust.deservesAnother();
    if (again) {
      uplink.hold();
    }
    boolean parted = known && !namespaces.isEmpty();
    CloseReason why = parted ? CloseReason.OTHER_NAMESPACES : reason;
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
    }

    @Override
    public void acknowledged(long bytes) {
      if (delivery != null) {
        delivery.confirm(bytes);
        patience.blocked(down.isBlocked());
      }
    }

    @Override
    public void closed(CloseReason reason) {
      clientPackets.flush();
      transport = null;
      transportLost(reason);
    }
  }

  private final class LinkSide implements Hop.Receiver {
    @Override
    public void message(Message message) throws ProtocolException {
      linkPackets.message(message);
      moves.old(message);
    }

    @Override
    public void batchEnd() {
      lastRead = timers.nanoTime();
      downwards.flush();
      if (transport == null && !isClosed()) {
        tellParkedBytes();
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
      clientPackets.linkLost();
      uplink.lost();
      trust.lost(reason);
      linkLost(reason);
    }
  }
}

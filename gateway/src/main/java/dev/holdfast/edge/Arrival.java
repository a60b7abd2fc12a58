package dev.holdfast.edge;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.hub.Resident;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.Claim;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Hop;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.Resumption;
import dev.holdfast.session.Resumption.Result;
import dev.holdfast.time.Timers.Timer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transport until its CONNECT says which session it is for: one that lives here, or a fresh one.
 * Answers to calls that come before are kept for the session. Confined to the transport's thread.
 */
final class Arrival implements Hop.Receiver {
  /** What an arrival needs of the node. */
  interface Reception {
    /** The session of a claim, wherever on this node it lives. */
    Optional<Resident> find(Claim claim);

    /** The node that is asked first for a session that is not here; empty if none can be. */
    Optional<Splice.Home> elsewhere(Claim claim);

    /** The node that took the session of a claim over from this one. */
    Optional<NodeId> heir(Claim claim);

    /** How that node is asked; empty if it cannot be. */
    Optional<Splice.Home> home(NodeId node);

    /**
     * Asks the registry where the session of a claim went. The answer comes once, on the
     * transport's thread, and may come within the call.
     */
    void locate(Claim claim, Consumer<SessionLocation> answer);

    /** What the other nodes are told first by this one. */
    byte[] greeting();

    /** Makes a session of one that another node gives away; says who hears the transport now. */
    Hop.Receiver inherited(Will will, BorrowedLink link);

    /** A client's wish to go on was answered; nothing is said of one whose pid nobody knows. */
    void answered(Claim claim, Result result);

    /**
     * Makes a session for a CONNECT, whose claim is left aside; says who hears the transport now.
     * Empty if its user has enough of them.
     *
     * @param returning whether it made one: many may do so at once
     */
    Optional<Hop.Receiver> fresh(byte[] connect, boolean returning);
  }

  private final EngineSocket socket;
  private final Reception reception;
  private final long maxEarly;
  private final Timer connectTimer;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private final FrameBatch early = new FrameBatch();
  private final FrameBatch later = new FrameBatch();
  private final Set<NodeId> asked = new HashSet<>();
  private OwnedSocket mine;
  private Hop.@Nullable Receiver next;
  private int missingAttachments;
  private boolean asking;
  private boolean closed;

  /**
   * An arrival that waits for a CONNECT.
   *
   * @param connectTimeout from the handshake to the client's CONNECT
   * @param maxEarly bytes of answers that are kept
   */
  Arrival(EngineSocket socket, Reception reception, Duration connectTimeout, long maxEarly) {
    this.socket = socket;
    this.reception = reception;
    this.maxEarly = maxEarly;
    this.mine = socket.own();
    this.connectTimer =
        socket.timers().after(connectTimeout, () -> socket.fail(CloseReason.CONNECT_TIMEOUT));
  }

  /** Hears the transport from now on. */
  void begin() {
    mine = socket.own();
    mine.handTo(this);
  }

  @Override
  public void message(Message message) throws ProtocolException {
    if (next != null) {
      next.message(message);
    } else if (asking) {
      later.add(message);
    } else if (!message.text() && missingAttachments > 0) {
      missingAttachments--;
      keepEarly(message);
    } else {
      first(message);
    }
  }

  private void first(Message message) throws ProtocolException {
    if (!message.text()) {
      throw new ProtocolException("binary came without a packet that it belongs to");
    }
    header.read(message);
    switch (header.type()) {
      case CONNECT -> connect(message);
      case ACK, BINARY_ACK -> {
        missingAttachments = header.attachments();
        keepEarly(message);
      }
      default -> throw new ProtocolException("a packet came before CONNECT");
    }
  }

  private void keepEarly(Message message) throws ProtocolException {
    early.add(message);
    if (early.bytes() > maxEarly) {
      throw new ProtocolException("more answers came before CONNECT than resume.early-answers");
    }
  }

  private void connect(Message message) throws ProtocolException {
    connectTimer.cancel();
    Optional<Claim> claim = ConnectPayload.claim(message, header);
    byte[] connect = message.bytes(0);
    if (claim.isEmpty()) {
      fresh(connect, false);
    } else {
      // The end of the connection may be behind it: a client that is gone takes nothing over.
      asking = true;
      socket.executeLater(() -> goOn(claim.get(), connect));
    }
  }

  private void goOn(Claim claim, byte[] connect) {
    asking = false;
    if (closed) {
      return;
    }
    reception
        .find(claim)
        .ifPresentOrElse(
            resident -> ask(resident, claim, connect),
            () -> seek(reception.elsewhere(claim), claim, connect));
    passLater();
  }

  private void seek(Optional<Splice.Home> home, Claim claim, byte[] connect) {
    if (!isAsked(home, claim, connect)) {
      follow(claim, connect);
    }
  }

  /** Asks a node for the session, but no node twice; false if there is none to ask. */
  private boolean isAsked(Optional<Splice.Home> home, Claim claim, byte[] connect) {
    Optional<Splice.Home> unasked = home.filter(it -> asked.add(it.place().node()));
    unasked.ifPresent(it -> splice(it, claim, connect));
    return unasked.isPresent();
  }

  private void follow(Claim claim, byte[] connect) {
    asking = true;
    next = null;
    begin();
    mine.pauseReads(PauseReason.PENDING);
    reception.locate(
        claim,
        found -> {
          asking = false;
          mine.resumeReads(PauseReason.PENDING);
          if (!closed) {
            found(found, claim, connect);
            passLater();
          }
        });
  }

  private void found(SessionLocation found, Claim claim, byte[] connect) {
    Optional<Splice.Home> home =
        found instanceof SessionLocation.At at ? reception.home(at.node()) : Optional.empty();
    if (isAsked(home, claim, connect)) {
      return;
    }
    if (found instanceof SessionLocation.Unknown) {
      // It may be on any node: the client comes back, here or to another one.
      socket.fail(CloseReason.NODE_TIMEOUT);
    } else {
      reception.answered(claim, Result.UNKNOWN);
      Optional<NodeId> heir = reception.heir(claim);
      if (socket.isFromNode() && heir.isPresent()) {
        // Tell the asking node who took the session over.
        mine.send(ByteBuffer.wrap(TextFrame.of(SpliceControl.naming(heir))));
      }
      fresh(connect, true);
    }
  }

  private void passLater() {
    if (!asking) {
      pass(later.take());
    }
  }

  private void pass(byte[] run) {
    Hop.Receiver now = next;
    if (now == null) {
      return;
    }
    try {
      FrameBatch.each(run, now::message);
      now.batchEnd();
    } catch (ProtocolException e) {
      socket.fail(CloseReason.PROTOCOL_ERROR);
    }
  }

  /** The session lives on another node: early answers and CONNECT go there. */
  private void splice(Splice.Home home, Claim claim, byte[] connect) {
    FrameBatch opening = new FrameBatch();
    add(opening, reception.greeting());
    opening.add(early);
    add(opening, connect);
    Splice splice =
        new Splice(
            socket,
            home,
            opening.take(),
            socket.options().metrics().nodes(),
            new Splice.Fallback() {
              @Override
              public void refused(Optional<NodeId> heir, byte[] meanwhile) {
                later.add(meanwhile);
                seek(heir.flatMap(reception::home), claim, connect);
                passLater();
              }

              @Override
              public void inherited(Will will, BorrowedLink link) {
                next = reception.inherited(will, link);
              }
            });
    next = splice;
    splice.start();
  }

  private static void add(FrameBatch batch, byte[] packet) {
    batch.add(new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true));
  }

  /** The session may live on another thread: until it has answered, nothing more is read. */
  private void ask(Resident resident, Claim claim, byte[] connect) {
    byte[] answers = early.take();
    OwnedSocket owned = socket.own();
    if (resident.isOn(socket.loop())) {
      Resumption resumption = resume(resident, owned, claim, answers);
      if (resumption.receiver() == null) {
        refused(claim, resumption.result(), connect);
      } else {
        admitted(claim, owned, resumption.receiver());
      }
      return;
    }
    asking = true;
    owned.handTo(this);
    owned.pauseReads(PauseReason.PENDING);
    RemoteTransport remote = new RemoteTransport(socket, owned, resident::execute);
    resident.execute(
        () -> {
          Resumption resumption = resume(resident, remote, claim, answers);
          if (resumption.receiver() != null) {
            remote.handTo(resumption.receiver());
          }
          socket.executeLater(() -> heard(resumption, owned, remote, claim, connect));
        });
  }

  private Resumption resume(Resident resident, Hop transport, Claim claim, byte[] answers) {
    Resumption resumption =
        resident.session().resume(transport, socket.number(), claim, each -> tell(answers, each));
    if (resumption.receiver() != null) {
      resident.hasTransport(socket.isFromNode());
    }
    return resumption;
  }

  private static void tell(byte[] answers, Consumer<Message> each) {
    try {
      FrameBatch.each(answers, each::accept);
    } catch (ProtocolException e) {
      throw new IllegalStateException("answers were looked at when they came", e);
    }
  }

  private void heard(
      Resumption resumption,
      OwnedSocket owned,
      RemoteTransport remote,
      Claim claim,
      byte[] connect) {
    asking = false;
    if (resumption.receiver() == null) {
      refused(claim, resumption.result(), connect);
    } else {
      admitted(claim, owned, remote);
    }
    passLater();
    if (closed && next != null) {
      // What the client sent before counts.
      next.closed(CloseReason.CLIENT_LOST);
    }
    owned.resumeReads(PauseReason.PENDING);
  }

  private void admitted(Claim claim, OwnedSocket owned, Hop.Receiver receiver) {
    next = receiver;
    owned.handTo(receiver);
    reception.answered(claim, Result.RECOVERED);
    if (socket.isFromNode()) {
      // The client's wait for a ping began with the other node's last one.
      socket.ping();
    }
  }

  private void refused(Claim claim, Result result, byte[] connect) {
    begin();
    if (result == Result.UNKNOWN) {
      // It was given away since it was found.
      seek(reception.elsewhere(claim), claim, connect);
      return;
    }
    reception.answered(claim, result);
    if (result == Result.GIVEN_UP) {
      socket.fail(CloseReason.TAKEN_OVER);
    } else {
      fresh(connect, true);
    }
  }

  private void fresh(byte[] connect, boolean returning) {
    if (socket.isFromNode()) {
      // The node that the client came to makes it one.
      socket.fail(CloseReason.NOT_RESUMED);
    } else if (!socket.isClosed()) {
      begin(connect, returning);
    }
  }

  private void begin(byte[] connect, boolean returning) {
    Optional<Hop.Receiver> session = reception.fresh(connect, returning);
    if (session.isPresent()) {
      next = session.get();
    } else {
      socket.options().metrics().refused("sessions-per-user");
      socket.fail(CloseReason.SESSIONS_PER_USER);
    }
  }

  @Override
  public void batchEnd() {
    if (next != null) {
      next.batchEnd();
    }
  }

  @Override
  public void writable() {
    // Nothing waits yet.
  }

  @Override
  public void acknowledged(long bytes) {
    // Nothing was sent yet.
  }

  @Override
  public void closed(CloseReason reason) {
    closed = true;
    connectTimer.cancel();
  }
}

package dev.holdfast.edge;

import dev.holdfast.hub.Resident;
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
import java.util.Optional;
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

    /** Where the session of a claim began, if that is another node that can be asked. */
    Optional<Splice.Home> elsewhere(Claim claim);

    /**
     * Finds out which other node has taken the session of a claim over; empty if none that can be
     * asked. The answer comes once, on the transport's thread, and may come within the call.
     */
    void successor(Claim claim, Consumer<Optional<Splice.Home>> answer);

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
    Optional<Resident> resident = claim.flatMap(reception::find);
    Optional<Splice.Home> elsewhere =
        resident.isPresent() ? Optional.empty() : claim.flatMap(reception::elsewhere);
    byte[] connect = message.bytes(0);
    if (claim.isEmpty()) {
      fresh(connect, false);
    } else if (elsewhere.isPresent()) {
      splice(elsewhere.get(), connect, meanwhile -> follow(claim.get(), connect, meanwhile));
    } else if (resident.isEmpty()) {
      follow(claim.get(), connect, new byte[0]);
    } else {
      ask(resident.get(), claim.get(), connect);
    }
  }

  /** The session is not where its pid says: it may have another home since. */
  private void follow(Claim claim, byte[] connect, byte[] meanwhile) {
    asking = true;
    next = null;
    begin();
    mine.pauseReads(PauseReason.PENDING);
    reception.successor(
        claim,
        home -> {
          asking = false;
          mine.resumeReads(PauseReason.PENDING);
          if (closed) {
            return;
          }
          if (home.isPresent()) {
            splice(home.get(), connect, late -> here(connect, late));
          } else {
            reception.answered(claim, Result.UNKNOWN);
            fresh(connect, true);
          }
          pass(meanwhile);
          pass(later.take());
        });
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
  private void splice(Splice.Home home, byte[] connect, Consumer<byte[]> refused) {
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
              public void refused(byte[] meanwhile) {
                refused.accept(meanwhile);
              }

              @Override
              public void inherited(Will will, BorrowedLink link, byte[] meanwhile) {
                next = reception.inherited(will, link);
                pass(meanwhile);
              }
            });
    next = splice;
    splice.start();
  }

  private static void add(FrameBatch batch, byte[] packet) {
    batch.add(new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true));
  }

  private void here(byte[] connect, byte[] meanwhile) {
    begin(connect, true);
    pass(meanwhile);
  }

  /** The session may live on another thread: until it has answered, nothing more is read. */
  private void ask(Resident resident, Claim claim, byte[] connect) throws ProtocolException {
    byte[] answers = early.take();
    OwnedSocket owned = socket.own();
    if (resident.thread().equals(socket.loop())) {
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
    RemoteTransport remote = new RemoteTransport(socket, owned, resident.thread());
    resident
        .thread()
        .execute(
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
    try {
      if (resumption.receiver() == null) {
        refused(claim, resumption.result(), connect);
      } else {
        admitted(claim, owned, remote);
      }
      Hop.Receiver now = next;
      if (now != null) {
        FrameBatch.each(later.take(), now::message);
        now.batchEnd();
      }
    } catch (ProtocolException e) {
      socket.fail(CloseReason.PROTOCOL_ERROR);
    }
    if (closed && next != null) {
      // What the client sent before counts.
      next.closed(CloseReason.CLIENT_LOST);
    }
    owned.resumeReads(PauseReason.PENDING);
  }

  private void admitted(Claim claim, OwnedSocket owned, Hop.Receiver receiver) {
    reception.answered(claim, Result.RECOVERED);
    next = receiver;
    owned.handTo(receiver);
    if (socket.isFromNode()) {
      // The client's wait for a ping began with the other node's last one.
      socket.ping();
    }
  }

  private void refused(Claim claim, Result result, byte[] connect) {
    reception.answered(claim, result);
    begin();
    if (result == Result.GIVEN_UP) {
      socket.fail(CloseReason.TAKEN_OVER);
    } else if (!closed) {
      fresh(connect, true);
    }
  }

  private void fresh(byte[] connect, boolean returning) {
    if (socket.isFromNode()) {
      // The node that the client came to makes it one.
      socket.fail(CloseReason.NOT_RESUMED);
    } else {
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

package dev.holdfast.sessions;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.engineio.CrossThreadConnection;
import dev.holdfast.engineio.EngineSocket;
import dev.holdfast.engineio.OwnedSocket;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.ResumeResult;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.time.Timers.ScheduledTask;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transport whose CONNECT has not yet decided its session: an existing one, or a fresh one. Keeps
 * answers to calls that arrive before. Confined to the transport's thread.
 */
final class PendingTransport implements EngineConnection.Listener {
  /** What a pending transport needs of the node. */
  interface Reception {
    /** Returns the requested session if it is on this node, on any thread. */
    Optional<SessionEntry> find(ResumeRequest request);

    /** Returns the first node to ask for a session that is not here; empty if there is none. */
    Optional<SpliceTarget> elsewhere(ResumeRequest request);

    /** Returns the node to which this one has handed the session off. */
    Optional<NodeId> successor(ResumeRequest request);

    /** Returns how to reach a node; empty if it cannot be asked. */
    Optional<SpliceTarget> target(NodeId node);

    /** Looks a session up in the registry. Calls back once, perhaps before it returns. */
    void locate(ResumeRequest request, Consumer<SessionLocation> answer);

    /** Returns the first packet to another node. */
    byte[] greeting();

    /** Adopts a session that another node hands off; returns the transport's new listener. */
    EngineConnection.Listener adopted(HandoffMessage handoffMessage, RemoteLink link);

    /** Records the result of a resume request, also with its session if that is on this node. */
    void answered(ResumeRequest request, Result result);

    /**
     * Creates a session for a CONNECT, whatever it requests; returns the transport's new listener.
     * Empty if its user has too many sessions.
     *
     * @param returning whether the CONNECT had a resume request: many such clients may come at once
     */
    Optional<EngineConnection.Listener> fresh(byte[] connect, boolean returning);
  }

  private final EngineSocket socket;
  private final Reception reception;
  private final long maxEarly;
  private final ScheduledTask connectTimer;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private final FrameBatch early = new FrameBatch();
  private final FrameBatch later = new FrameBatch();
  private final Set<NodeId> asked = new HashSet<>();
  private OwnedSocket mine;
  private EngineConnection.@Nullable Listener next;
  private int missingAttachments;
  private boolean asking;
  private boolean closed;

  /**
   * Creates a transport that waits for a CONNECT.
   *
   * @param connectTimer closes the transport; cancelled by the client's CONNECT
   * @param maxEarly maximum bytes of answers that are kept
   */
  PendingTransport(
      EngineSocket socket, Reception reception, ScheduledTask connectTimer, long maxEarly) {
    this.socket = socket;
    this.reception = reception;
    this.maxEarly = maxEarly;
    this.mine = socket.own();
    this.connectTimer = connectTimer;
  }

  /** Takes the transport over and listens to it. */
  void begin() {
    mine = socket.own();
    mine.listener(this);
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
    Optional<ResumeRequest> request = ConnectPayload.resumeRequest(message, header);
    byte[] connect = message.bytes(0);
    if (request.isEmpty()) {
      fresh(connect, false);
    } else {
      // The end of the connection may follow: a client that has disconnected takes nothing over.
      asking = true;
      socket.executeLater(() -> goOn(request.get(), connect));
    }
  }

  private void goOn(ResumeRequest request, byte[] connect) {
    asking = false;
    if (closed) {
      return;
    }
    reception
        .find(request)
        .ifPresentOrElse(
            entry -> ask(entry, request, connect),
            () -> seek(reception.elsewhere(request), request, connect));
    passLater();
  }

  private void seek(Optional<SpliceTarget> target, ResumeRequest request, byte[] connect) {
    if (!isAsked(target, request, connect)) {
      follow(request, connect);
    }
  }

  /** Asks a node for the session, but none twice; returns false if there is none to ask. */
  private boolean isAsked(Optional<SpliceTarget> target, ResumeRequest request, byte[] connect) {
    Optional<SpliceTarget> unasked = target.filter(it -> asked.add(it.place().node()));
    unasked.ifPresent(it -> splice(it, request, connect));
    return unasked.isPresent();
  }

  private void follow(ResumeRequest request, byte[] connect) {
    asking = true;
    next = null;
    begin();
    mine.pauseReads(PauseReason.PENDING);
    reception.locate(
        request,
        found -> {
          asking = false;
          mine.resumeReads(PauseReason.PENDING);
          if (!closed) {
            found(found, request, connect);
            passLater();
          }
        });
  }

  private void found(SessionLocation found, ResumeRequest request, byte[] connect) {
    Optional<SpliceTarget> target =
        found instanceof SessionLocation.At at ? reception.target(at.node()) : Optional.empty();
    if (isAsked(target, request, connect)) {
      return;
    }
    if (found instanceof SessionLocation.Unknown) {
      // It may be on any node: the client is to reconnect, here or to another one.
      socket.fail(CloseReason.NODE_TIMEOUT);
    } else {
      reception.answered(request, Result.UNKNOWN);
      Optional<NodeId> successor = reception.successor(request);
      if (socket.isFromNode() && successor.isPresent()) {
        // Tell the requesting node which node has taken the session over.
        mine.send(
            ByteBuffer.wrap(TextFrame.of(SpliceControl.naming(successor.map(NodeId::value)))));
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
    EngineConnection.Listener now = next;
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

  /** Splices to the session's node, which gets the early answers and the CONNECT. */
  private void splice(SpliceTarget target, ResumeRequest request, byte[] connect) {
    FrameBatch opening = new FrameBatch();
    add(opening, reception.greeting());
    opening.add(early);
    add(opening, connect);
    Splice splice =
        new Splice(
            socket,
            target,
            opening.take(),
            new Splice.Fallback() {
              @Override
              public void refused(Optional<NodeId> successor, byte[] meanwhile) {
                later.add(meanwhile);
                seek(successor.flatMap(reception::target), request, connect);
                passLater();
              }

              @Override
              public void adopted(HandoffMessage handoffMessage, RemoteLink link) {
                next = reception.adopted(handoffMessage, link);
              }
            });
    next = splice;
    splice.start();
  }

  private static void add(FrameBatch batch, byte[] packet) {
    batch.add(new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true));
  }

  /** Asks the session to resume; if it is on another thread, reads pause until it has answered. */
  private void ask(SessionEntry entry, ResumeRequest request, byte[] connect) {
    byte[] answers = early.take();
    OwnedSocket owned = socket.own();
    if (entry.isOn(socket.loop())) {
      ResumeResult resumeResult = resume(entry, owned, request, answers);
      if (resumeResult.listener() == null) {
        refused(request, resumeResult.result(), connect);
      } else {
        admitted(request, owned, resumeResult.listener());
      }
      return;
    }
    asking = true;
    owned.listener(this);
    owned.pauseReads(PauseReason.PENDING);
    CrossThreadConnection remote = new CrossThreadConnection(socket, owned, entry::execute);
    entry.execute(
        () -> {
          ResumeResult resumeResult = resume(entry, remote, request, answers);
          if (resumeResult.listener() != null) {
            remote.listener(resumeResult.listener());
          }
          socket.executeLater(() -> resumeAnswered(resumeResult, owned, remote, request, connect));
        },
        () -> socket.executeLater(() -> socket.fail(CloseReason.INTERNAL)));
  }

  private ResumeResult resume(
      SessionEntry entry, EngineConnection transport, ResumeRequest request, byte[] answers) {
    ResumeResult resumeResult =
        entry.session().resume(transport, socket.number(), request, each -> tell(answers, each));
    if (resumeResult.listener() != null) {
      entry.hasTransport(socket.isFromNode(), request.token());
    }
    return resumeResult;
  }

  private static void tell(byte[] answers, Consumer<Message> each) {
    try {
      FrameBatch.each(answers, each::accept);
    } catch (ProtocolException e) {
      throw new IllegalStateException("early answers were checked on arrival", e);
    }
  }

  private void resumeAnswered(
      ResumeResult resumeResult,
      OwnedSocket owned,
      CrossThreadConnection remote,
      ResumeRequest request,
      byte[] connect) {
    asking = false;
    if (resumeResult.listener() == null) {
      refused(request, resumeResult.result(), connect);
    } else {
      admitted(request, owned, remote);
    }
    passLater();
    if (closed && next != null) {
      // The session still handles what the client sent before.
      next.closed(CloseReason.CLIENT_LOST);
    }
    owned.resumeReads(PauseReason.PENDING);
  }

  private void admitted(
      ResumeRequest request, OwnedSocket owned, EngineConnection.Listener listener) {
    next = listener;
    owned.listener(listener);
    reception.answered(request, Result.RECOVERED);
    if (socket.isFromNode()) {
      // The client's ping timeout started with the other node's last ping.
      socket.pings().ask();
    }
  }

  private void refused(ResumeRequest request, Result result, byte[] connect) {
    begin();
    if (result == Result.UNKNOWN) {
      // It was handed off since it was found.
      seek(reception.elsewhere(request), request, connect);
      return;
    }
    reception.answered(request, result);
    if (result == Result.GIVEN_UP) {
      socket.fail(CloseReason.TAKEN_OVER);
    } else {
      fresh(connect, true);
    }
  }

  private void fresh(byte[] connect, boolean returning) {
    if (socket.isFromNode()) {
      // The node that the client is connected to creates one.
      socket.fail(CloseReason.NOT_RESUMED);
    } else if (!socket.isClosed()) {
      begin(connect, returning);
    }
  }

  private void begin(byte[] connect, boolean returning) {
    Optional<EngineConnection.Listener> session = reception.fresh(connect, returning);
    if (session.isPresent()) {
      next = session.get();
    } else {
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
    // Nothing is queued yet.
  }

  @Override
  public void acknowledged(long bytes) {
    // Nothing has been sent yet.
  }

  @Override
  public void closed(CloseReason reason) {
    closed = true;
    connectTimer.cancel();
  }
}

package dev.holdfast.engineio;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.Timers;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The server side of one Engine.IO session, whatever carries it: heartbeat, close, and the upgrade
 * from polling to WebSocket. Confined to its thread, that of the handshake.
 */
public final class EngineSocket {
  private final String sid;
  private final long number;
  private final Application.Terms terms;
  private final EngineOptions options;
  private final Sockets sockets;
  private final EventLoop loop;
  private final ErrorBoundary boundary =
      new ErrorBoundary("a transport", () -> fail(CloseReason.INTERNAL));
  private final Timers timers;
  private final Pings pings;
  private Consumer<CloseReason> onClosed = reason -> {};
  private @Nullable Carrier carrier;
  private @Nullable OwnedSocket owner;
  private @Nullable Runnable probe;
  private boolean probed;
  private boolean closed;
  private boolean paused;
  private boolean ponged;
  private boolean writableDue;
  private @Nullable CloseReason leaving;
  private final boolean fromNode;

  EngineSocket(
      String sid,
      Application.Terms terms,
      EngineOptions options,
      Sockets sockets,
      EventLoop loop,
      boolean fromNode) {
    this.sid = sid;
    this.number = sockets.nextNumber();
    this.terms = terms;
    this.options = options;
    this.sockets = sockets;
    this.loop = loop;
    this.fromNode = fromNode;
    this.timers = boundary.guard(loop);
    this.pings = new Pings(timers, terms, this::put, () -> fail(CloseReason.PING_TIMEOUT));
  }

  /** From now on the client is pinged and heard. */
  void open(Carrier first) {
    carrier = first;
    options.metrics().transportOpened(first.kind());
    pings.start();
    Optional.ofNullable(polling()).ifPresent(PollingCarrier::touched);
  }

  /** Makes the receiver the owner of this socket. The previous owner can no longer act on it. */
  public EngineConnection ownedBy(EngineConnection.Listener listener) {
    OwnedSocket owned = own();
    owned.listener(listener);
    return owned;
  }

  /** The same, for an owner who says later who hears the client. */
  public OwnedSocket own() {
    OwnedSocket next = new OwnedSocket(this, pings.given());
    owner = next;
    readOrNot();
    return next;
  }

  boolean isOwnedBy(OwnedSocket asked) {
    return asked.equals(owner);
  }

  ErrorBoundary boundary() {
    return boundary;
  }

  /** Timers whose tasks end the socket if they throw. */
  public Timers timers() {
    return timers;
  }

  /** The heartbeats of the client. */
  public Pings pings() {
    return pings;
  }

  /** Whether another node has brought it, for a client of its own. */
  public boolean isFromNode() {
    return fromNode;
  }

  /** Says what is to be done when it has ended, for whichever reason. */
  public void onClosed(Consumer<CloseReason> action) {
    onClosed = action;
  }

  /** The session's secret. */
  public String sid() {
    return sid;
  }

  /** Higher than those of all sessions that were opened on this node before. */
  public long number() {
    return number;
  }

  /** The thread that this session and everything above it are confined to. */
  public EventLoop loop() {
    return loop;
  }

  /** What carries it: {@code polling} or {@code websocket}. */
  public String kind() {
    return carrier == null ? "none" : carrier.kind();
  }

  Application.Terms terms() {
    return terms;
  }

  /** The options of the node's sockets. */
  public EngineOptions options() {
    return options;
  }

  @Nullable PollingCarrier polling() {
    return carrier != null && carrier.sink() instanceof PollingCarrier polling ? polling : null;
  }

  boolean isProbed() {
    return probed;
  }

  private @Nullable NodeSink node() {
    return carrier != null && carrier.sink() instanceof NodeSink node ? node : null;
  }

  /** Whether it has ended. */
  public boolean isClosed() {
    return closed;
  }

  /** Whether what the client has sent may still be lost. */
  boolean isUnconfirmed() {
    return owner != null && owner.isUnconfirmed();
  }

  private EngineConnection.@Nullable Listener listener() {
    return owner == null ? null : owner.listener();
  }

  /** A message from whatever carries the session. */
  void message(Message message) throws ProtocolException {
    EngineConnection.Listener above = listener();
    if (closed || above == null) {
      return;
    }
    if (!message.text() || message.byteAt(0) == '4') {
      above.message(message);
      return;
    }
    switch (EngineFrames.type(message)) {
      case MESSAGE -> above.message(message);
      case PONG -> pong(message, above);
      case CLOSE -> fail(CloseReason.CLIENT_CLOSED);
      case PING -> throw new ProtocolException("a client may not send a ping");
      case NOOP -> noop(message, above);
      case OPEN, UPGRADE -> {
        // The reference server does not mind them either.
      }
    }
  }

  /** A client's means nothing; another node has something to say with it. */
  private void noop(Message noop, EngineConnection.Listener above) {
    NodeSink node = node();
    writableDue |= node != null && node.noop(noop, above);
  }

  private void pong(Message message, EngineConnection.Listener above) throws ProtocolException {
    switch (pings.pongReceived()) {
      // What came before it in this read is passed on first, and what comes behind it, too.
      case OURS -> ponged = true;
      case PASSED_ON -> above.message(message);
      case NOBODYS -> {} // it answers what nobody here has asked
    }
  }

  void batchEnd() {
    EngineConnection.Listener above = listener();
    if (!closed && above != null) {
      above.batchEnd();
      sendReceipt();
      if (writableDue) {
        writableDue = false;
        writable();
      }
    }
    if (ponged && !closed && owner != null) {
      ponged = false;
      owner.acknowledged(pings.confirmed());
    }
  }

  private boolean sendReceipt() {
    NodeSink node = node();
    return node == null || node.sendReceipt();
  }

  /** The carrier takes frames again: a ping that is due goes first. */
  void writable() {
    EngineConnection.Listener above = listener();
    if (closed || probed || carrier == null || above == null) {
      return;
    }
    if (!sendReceipt() || (pings.isDue() && !pings.send())) {
      return;
    }
    above.writable();
  }

  Optional<String> successor() {
    return Optional.ofNullable(node()).flatMap(NodeSink::successor).map(NodeId::value);
  }

  /** The client is asked with the same write, which spares a system call here and one there. */
  boolean sendBeforePing(ByteBuffer frames) {
    return pings.fitsBehind(frames) ? pings.sendWith(frames) : send(frames);
  }

  private boolean put(ByteBuffer frames) {
    return !probed && leaving == null && carrier != null && carrier.sink().send(frames);
  }

  boolean send(ByteBuffer frames) {
    if (closed) {
      return true;
    }
    int bytes = frames.remaining();
    if (pings.isDue() || !put(frames)) {
      return false;
    }
    pings.given(bytes);
    return true;
  }

  boolean sendLast(ByteBuffer frames) {
    PollingCarrier polling = polling();
    if (closed || probed || polling == null) {
      return false;
    }
    polling.sendLast(frames);
    return true;
  }

  /** Reads the client, or not, as its owner wants it; whatever carries it. */
  void readOrNot() {
    boolean wanted = owner != null && owner.isPaused();
    if (wanted == paused) {
      return;
    }
    paused = wanted;
    if (wanted) {
      pings.pause();
    } else {
      pings.resume();
    }
    if (carrier != null && wanted) {
      carrier.sink().pauseReads();
    } else if (carrier != null) {
      carrier.sink().resumeReads();
    }
  }

  /** Ends it; the owner hears nothing more. */
  void close(CloseReason reason) {
    if (closed) {
      return;
    }
    closed = true;
    pings.stop();
    // Whatever a step throws, the next ones are the only ones to count this one out.
    if (probe != null) {
      boundary.attempt(probe);
    }
    Carrier last = carrier;
    if (last != null) {
      options.metrics().transportClosed(last.kind(), reason.label());
      boundary.attempt(() -> last.ending().accept(reason));
    }
    // Only now: a polling client that asks meanwhile finds it here, or among those to be told.
    boundary.attempt(() -> sockets.closed(this));
    boundary.attempt(() -> onClosed.accept(reason));
  }

  /** Closes it. Messages that the client sent before it got the close still count. */
  void leave(CloseReason reason) {
    if (!closed && leaving == null && carrier != null) {
      leaving = reason;
      pings.stop();
      carrier.leaving().accept(reason);
    }
  }

  /** The carrier or the client ended the session. */
  public void fail(CloseReason cause) {
    CloseReason reason = leaving == null ? cause : leaving;
    if (!closed) {
      if (reason == CloseReason.PING_TIMEOUT) {
        options.metrics().heartbeatMissed();
      }
      close(reason);
      EngineConnection.Listener above = listener();
      if (above != null) {
        above.closed(reason);
      }
    }
  }

  /** Whether a WebSocket, known by what ends it, may take over: none has, and no other one asks. */
  boolean probe(Runnable abandon) {
    if (closed || polling() == null || probe != null) {
      return false;
    }
    probe = abandon;
    return true;
  }

  /** A WebSocket has probed: what is sent from now on waits for the upgrade. */
  void probed(Runnable candidate) {
    PollingCarrier polling = polling();
    if (!closed && polling != null && candidate.equals(probe)) {
      probed = true;
      polling.probed();
    }
  }

  /** A probe has ended without an upgrade: polling goes on. */
  void probeEnded(Runnable ended) {
    if (!ended.equals(probe)) {
      return;
    }
    probe = null;
    probed = false;
    writable();
  }

  /** The client has upgraded: the WebSocket carries the session. */
  void upgraded(Carrier webSocket) {
    PollingCarrier polling = polling();
    if (closed || polling == null) {
      webSocket.ending().accept(CloseReason.CLIENT_LOST);
      return;
    }
    polling.upgraded();
    options.metrics().transportClosed(Carrier.POLLING, "upgraded");
    options.metrics().transportOpened(webSocket.kind());
    carrier = webSocket;
    if (paused) {
      webSocket.sink().pauseReads();
    }
    probe = null;
    probed = false;
    writable();
  }

  /** Runs a task on the session's thread: at once if this is it. */
  public void execute(Runnable task) {
    if (loop.inEventLoop()) {
      boundary.run(task);
    } else {
      executeLater(task);
    }
  }

  /** Runs a task on the session's thread, behind those that wait there. */
  public void executeLater(Runnable task) {
    loop.execute(boundary.guard(task));
  }

  /** All sockets of the node. */
  public Sockets sockets() {
    return sockets;
  }
}

package dev.holdfast.engineio;

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
 * The server side of one Engine.IO session, independent of its carrier: heartbeat, close, and the
 * upgrade from polling to WebSocket. Confined to its thread, that of the handshake.
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

  /** Opens the session on its first carrier and starts the heartbeat. */
  void open(Carrier first) {
    carrier = first;
    options.listener().transportOpened(first.kind());
    pings.start();
    Optional.ofNullable(polling()).ifPresent(PollingCarrier::touched);
  }

  /** Makes the listener the owner of this socket. The previous owner can no longer act on it. */
  public EngineConnection ownedBy(EngineConnection.Listener listener) {
    OwnedSocket owned = own();
    owned.listener(listener);
    return owned;
  }

  /** Replaces the owner by one that sets its listener later. */
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

  /** Returns timers whose tasks end the socket if they throw. */
  public Timers timers() {
    return timers;
  }

  /** Returns the pings to the client. */
  public Pings pings() {
    return pings;
  }

  /** Returns whether the socket comes from another node, for a client of that node. */
  public boolean isFromNode() {
    return fromNode;
  }

  /** Sets the action to run when the socket has closed, for any reason. */
  public void onClosed(Consumer<CloseReason> action) {
    onClosed = action;
  }

  /** Returns the sid, which is the session's secret. */
  public String sid() {
    return sid;
  }

  /** Returns the session's number, higher than that of all sessions opened earlier on this node. */
  public long number() {
    return number;
  }

  /** Returns the event loop that this session and the layers above it are confined to. */
  public EventLoop loop() {
    return loop;
  }

  /** Returns the carrier's kind, such as {@code polling}; {@code none} before the first carrier. */
  public String kind() {
    return carrier == null ? "none" : carrier.kind();
  }

  Application.Terms terms() {
    return terms;
  }

  /** Returns the options of the node's sockets. */
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

  /** Returns whether the socket is closed. */
  public boolean isClosed() {
    return closed;
  }

  /** Returns whether data that the client has sent may still be lost. */
  boolean isUnconfirmed() {
    return owner != null && owner.isUnconfirmed();
  }

  private EngineConnection.@Nullable Listener listener() {
    return owner == null ? null : owner.listener();
  }

  /** Handles a message from the carrier. */
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
        // Ignored, as by the reference server.
      }
    }
  }

  /** Handles a NOOP: a client's is ignored, another node's may carry {@link SpliceControl}. */
  private void noop(Message noop, EngineConnection.Listener above) {
    NodeSink node = node();
    writableDue |= node != null && node.noop(noop, above);
  }

  private void pong(Message message, EngineConnection.Listener above) throws ProtocolException {
    switch (pings.pongReceived()) {
      // Reported in batchEnd, after all messages of this read.
      case OURS -> ponged = true;
      case PASSED_ON -> above.message(message);
      case NOBODYS -> {} // answers no ping of this node
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

  /** Called when the carrier accepts frames again. Sends a due ping first. */
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
    return Optional.ofNullable(node()).flatMap(NodeSink::successor);
  }

  /** Sends frames and a ping in one write, which saves a system call here and one at the client. */
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

  /** Pauses or resumes the carrier as the owner's pause reasons require. */
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

  /** Closes the session without notifying the owner. */
  void close(CloseReason reason) {
    if (closed) {
      return;
    }
    closed = true;
    pings.stop();
    // Every step runs, even after one that throws: nothing else releases what the socket counts.
    if (probe != null) {
      boundary.attempt(probe);
    }
    Carrier last = carrier;
    if (last != null) {
      options.listener().transportClosed(last.kind(), reason.label());
      boundary.attempt(() -> last.ending().accept(reason));
    }
    // Only now, so that a polling client finds it either here or among the pending closes.
    boundary.attempt(() -> sockets.closed(this));
    boundary.attempt(() -> onClosed.accept(reason));
  }

  /** Closes the session, but still handles what the client sent before it read the close. */
  void leave(CloseReason reason) {
    if (!closed && leaving == null && carrier != null) {
      leaving = reason;
      pings.stop();
      carrier.leaving().accept(reason);
    }
  }

  /** Closes the session and notifies the owner; the reason of an earlier {@link #leave} wins. */
  public void fail(CloseReason cause) {
    CloseReason reason = leaving == null ? cause : leaving;
    if (!closed) {
      if (reason == CloseReason.PING_TIMEOUT) {
        options.listener().heartbeatMissed();
      }
      close(reason);
      EngineConnection.Listener above = listener();
      if (above != null) {
        above.closed(reason);
      }
    }
  }

  /** Registers a candidate for an upgrade; false if there is one, or the carrier is not polling. */
  boolean probe(Runnable abandon) {
    if (closed || polling() == null || probe != null) {
      return false;
    }
    probe = abandon;
    return true;
  }

  /** Marks the candidate as probed. Frames are held back until the upgrade. */
  void probed(Runnable candidate) {
    PollingCarrier polling = polling();
    if (!closed && polling != null && candidate.equals(probe)) {
      probed = true;
      polling.probed();
    }
  }

  /** Removes a candidate that ended without an upgrade; polling continues. */
  void probeEnded(Runnable ended) {
    if (!ended.equals(probe)) {
      return;
    }
    probe = null;
    probed = false;
    writable();
  }

  /** Completes the upgrade: the WebSocket becomes the carrier. */
  void upgraded(Carrier webSocket) {
    PollingCarrier polling = polling();
    if (closed || polling == null) {
      webSocket.ending().accept(CloseReason.CLIENT_LOST);
      return;
    }
    polling.upgraded();
    options.listener().transportClosed(Carrier.POLLING, "upgraded");
    options.listener().transportOpened(webSocket.kind());
    carrier = webSocket;
    if (paused) {
      webSocket.sink().pauseReads();
    }
    probe = null;
    probed = false;
    writable();
  }

  /** Runs a task on the session's thread, immediately if this is that thread. */
  public void execute(Runnable task) {
    if (loop.inEventLoop()) {
      boundary.run(task);
    } else {
      executeLater(task);
    }
  }

  /** Queues a task on the session's thread. */
  public void executeLater(Runnable task) {
    loop.execute(boundary.guard(task));
  }

  /** Returns all sockets of the node. */
  public Sockets sockets() {
    return sockets;
  }
}

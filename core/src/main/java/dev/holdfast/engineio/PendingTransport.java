package dev.holdfast.engineio;

import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.time.Timer;
import java.time.Duration;
import java.util.Optional;

/**
 * A transport without a session. Waits for the client's CONNECT, and keeps answers to calls that
 * arrive before it, and everything that arrives behind it until the session is chosen. Confined to
 * the transport's thread.
 */
public final class PendingTransport implements EngineConnection.Listener {
  /** Chooses the session of a transport. */
  public interface ConnectHandler {
    /**
     * Handles the client's CONNECT. {@link PendingTransport#join} follows, now or later, unless the
     * transport is closed.
     */
    void connected(PendingTransport transport, Message connect, SocketPacketHeader header)
        throws ProtocolException;
  }

  /** What the transport waits for. */
  enum State {
    /** For the client's CONNECT, no longer than its timeout. */
    CONNECT,
    /** For the choice of a session. */
    SESSION,
    /** For nothing: a session listens to the transport instead. */
    JOINED,
    /** For nothing: the transport has ended. A session that joins it later is notified. */
    CLOSED
  }

  private final EngineSocket socket;
  private final ConnectHandler handler;
  private final Optional<Holding> place;
  private final long maxEarly;
  private final Timer timeout;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private final FrameBatch early = new FrameBatch();
  private final FrameBatch later = new FrameBatch();
  private State state = State.CONNECT;
  private int missingAttachments;

  /**
   * Creates a transport that waits for a CONNECT.
   *
   * @param place the client's connection, which may be cut until its CONNECT
   * @param maxEarly maximum bytes of answers that are kept
   */
  public PendingTransport(
      EngineSocket socket, ConnectHandler handler, Optional<Holding> place, long maxEarly) {
    this.socket = socket;
    this.handler = handler;
    this.place = place;
    this.maxEarly = maxEarly;
    this.timeout = new Timer(socket.timers());
  }

  /** Starts to wait; the transport is closed without a CONNECT within {@code longest}. */
  public void begin(Duration longest) {
    place.ifPresent(
        it -> it.mayBeCut(() -> socket.execute(() -> socket.fail(CloseReason.CONNECT_SHARE))));
    timeout.start(longest, () -> socket.fail(CloseReason.CONNECT_TIMEOUT));
    own();
  }

  private void stopTimeout() {
    timeout.stop();
    place.ifPresent(Holding::keep);
  }

  /** Takes the transport over and listens to it. */
  public OwnedSocket own() {
    OwnedSocket owned = socket.own();
    owned.listener(this);
    if (state == State.JOINED) {
      state = State.SESSION;
    }
    return owned;
  }

  /** Returns the answers to calls that arrived before CONNECT. */
  public FrameBatch early() {
    return early;
  }

  /** Keeps frames for the session, behind those that it will receive first. */
  public void keep(byte[] frames) {
    later.add(frames);
  }

  /** Returns whether the transport has ended. */
  public boolean isClosed() {
    return state == State.CLOSED;
  }

  State state() {
    return state;
  }

  /** Passes what was kept to the session that listens to the transport, and the end if it came. */
  public void join(EngineConnection.Listener listener) {
    boolean ended = isClosed();
    if (!ended) {
      state = State.JOINED;
    }
    try {
      FrameBatch.each(later.take(), listener::message);
      listener.batchEnd();
    } catch (ProtocolException e) {
      socket.fail(CloseReason.PROTOCOL_ERROR);
    }
    if (ended) {
      listener.closed(CloseReason.CLIENT_LOST);
    }
  }

  @Override
  public void message(Message message) throws ProtocolException {
    switch (state) {
      case CONNECT -> beforeConnect(message);
      case SESSION -> later.add(message);
      case JOINED, CLOSED ->
          throw new IllegalStateException("a " + state + " transport has another listener");
    }
  }

  private void beforeConnect(Message message) throws ProtocolException {
    if (!message.text() && missingAttachments > 0) {
      missingAttachments--;
      keepEarly(message);
      return;
    }
    if (!message.text()) {
      throw new ProtocolException("binary came without a packet that it belongs to");
    }
    header.read(message);
    switch (header.type()) {
      case CONNECT -> {
        stopTimeout();
        state = State.SESSION;
        handler.connected(this, message, header);
      }
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

  @Override
  public void batchEnd() {
    // What was kept waits for the session.
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
    state = State.CLOSED;
    stopTimeout();
  }
}

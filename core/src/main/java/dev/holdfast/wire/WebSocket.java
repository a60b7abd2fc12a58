package dev.holdfast.wire;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.wire.WebSocketClosed.Cause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One open WebSocket on an upgraded connection. Delivers the messages of each read to a {@link
 * WebSocketListener}, and sends the frames that are ready in one write. Confined to the
 * connection's I/O thread.
 */
public final class WebSocket implements FrameSink {
  /** How long to wait for the peer's close frame before the connection is closed. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  /** Consecutive reads before the thread's other connections get their turn. */
  private static final int READS_IN_A_ROW = 4;

  private enum State {
    OPEN,
    /** Our close frame is on its way; what the peer sent before reading it is still delivered. */
    LEAVING,
    /** Our close frame is on its way; input is only searched for the peer's. */
    CLOSING,
    /** The last frame is on its way: the peer closed, broke the protocol, or the gateway failed. */
    FINISHING,
    CLOSED
  }

  /** The role of this endpoint: clients mask what they send, RFC 6455 section 5.1. */
  public enum Role {
    SERVER,
    CLIENT
  }

  /**
   * The limits and shared resources of a WebSocket.
   *
   * @param maxMessage maximum size of a received message, in bytes
   */
  public record Limits(BufferPool pool, long maxMessage, Traffic traffic) {}

  private final ErrorBoundary boundary = new ErrorBoundary("a WebSocket", this::failed);
  private final ByteConnection connection;
  private final Inbound inbound;
  private final Outbound outbound;
  private WebSocketListener listener = WebSocketListener.NOBODY; // replaced by open()
  private State state = State.OPEN;
  private @Nullable ScheduledTask cut;
  private Runnable onEnd = () -> {};

  private WebSocket(ByteConnection connection, Role role, Limits limits) {
    this.connection = connection;
    this.outbound = new Outbound(connection, role == Role.CLIENT, limits.pool());
    Dispatch dispatch = new Dispatch();
    this.inbound = new Inbound(limits, role == Role.SERVER, dispatch);
    connection.listener(dispatch);
  }

  /**
   * Takes over an upgraded connection, on its I/O thread; reading starts with {@link #start}.
   *
   * @param listener creates the listener of this WebSocket, which is returned
   */
  public static <R extends WebSocketListener> R open(
      ByteConnection connection, Role role, Limits limits, Function<WebSocket, R> listener) {
    WebSocket socket = new WebSocket(connection, role, limits);
    R heard = listener.apply(socket);
    socket.listener = heard;
    return heard;
  }

  /** Starts reading, with bytes that the peer sent right after the upgrade (at most a block). */
  public void start(ByteBuffer first) {
    boundary.run(() -> feed(first));
    resumeReads();
  }

  private void feed(ByteBuffer first) {
    try {
      inbound.feed(first);
    } catch (ProtocolException e) {
      refuse(e);
    }
  }

  /** Returns the event loop that owns this WebSocket. */
  public EventLoop loop() {
    return connection.loop();
  }

  /** Runs a task on that event loop. An exception ends this WebSocket. */
  public void execute(Runnable task) {
    loop().execute(boundary.guard(task));
  }

  /** Returns the timers of that event loop. An exception in a task ends this WebSocket. */
  public Timers timers() {
    return boundary.guard(loop());
  }

  private void failed() {
    if (state != State.OPEN) {
      broken("the gateway failed");
      return;
    }
    inbound.discard();
    finish(
        "internal",
        new WebSocketClosed(CloseCode.INTERNAL_ERROR, Cause.INTERNAL, "the gateway failed"));
  }

  /** Returns whether frames are still taken; others are dropped. */
  public boolean isOpen() {
    return state == State.OPEN;
  }

  /**
   * Takes whole frames, all or none. Buffers what the socket does not take, and sends it first.
   *
   * @return false while earlier frames are unsent: retry when {@link WebSocketListener#writable} is
   *     called
   */
  @Override
  public boolean send(ByteBuffer frames) {
    if (state != State.OPEN) {
      return true;
    }
    if (!outbound.isEmpty()) {
      return false;
    }
    try {
      // An exception must end this connection, not the session that sends.
      if (!boundary.enter(outbound, frames, Outbound::write, loop())) {
        outbound.breakOff();
      }
    } catch (IOException e) {
      failLater(e);
    }
    return true;
  }

  /** Fails after the current batch, since its caller must not be called back before it returns. */
  private void failLater(IOException e) {
    execute(() -> broken("writing failed: " + e.getMessage()));
  }

  private void flush() {
    try {
      if (!outbound.flush()) {
        return;
      }
      if (isLastWrite()) {
        outbound.shutdown();
      }
    } catch (IOException e) {
      broken("writing failed: " + e.getMessage());
      return;
    }
    if (state == State.OPEN) {
      listener.writable();
    }
  }

  @Override
  public void pauseReads() {
    connection.suspendReads();
  }

  @Override
  public void resumeReads() {
    if (state != State.CLOSED) {
      connection.resumeReads();
    }
  }

  private void read() {
    try {
      for (int i = 0; i < READS_IN_A_ROW && state != State.CLOSED; i++) {
        ByteBuffer target = inbound.target();
        Inbound.Found found = inbound.took(target, connection.read(target));
        if (found == Inbound.Found.END) {
          broken("the peer closed the connection without a close frame");
          return;
        }
        // Bytes that TLS has already decrypted make no socket readable: read until none are left.
        if (found == Inbound.Found.NOTHING
            || (found == Inbound.Found.LAST && !connection.readsAhead())
            || !connection.isReadResumed()) {
          return;
        }
      }
      if (connection.readsAhead() && state != State.CLOSED) {
        connection.wakeupReads();
      }
    } catch (ProtocolException e) {
      refuse(e);
    } catch (IOException e) {
      broken("reading failed: " + e.getMessage());
    }
  }

  /**
   * Starts the closing handshake: sends a close frame after all frames taken, waits for the peer's,
   * then closes the connection. The listener is not called any more. Does not throw.
   */
  public void close(int code, String reason) {
    if (state == State.OPEN) {
      boundary.run(() -> closeWith(State.CLOSING, code, reason));
    }
  }

  /** Closes likewise; {@code ended} runs once, when the connection is closed, or now if it is. */
  public void close(int code, String reason, Runnable ended) {
    close(code, reason);
    if (state == State.CLOSED) {
      ended.run();
    } else {
      onEnd = ended;
    }
  }

  /**
   * Closes, but still delivers what the peer sent before it read the close frame, and then the end.
   * Shuts down the write side at once, so that the peer soon stops sending.
   */
  public void leave(int code, String reason) {
    if (state == State.OPEN) {
      boundary.run(() -> closeWith(State.LEAVING, code, reason));
    }
  }

  /** Returns whether all frames taken have been written to the socket. */
  public boolean isFlushed() {
    return outbound.isEmpty();
  }

  private boolean isHeard() {
    return state == State.OPEN || state == State.LEAVING;
  }

  private boolean isLastWrite() {
    return state == State.FINISHING || state == State.LEAVING;
  }

  private void closeWith(State next, int code, String reason) {
    state = next;
    cut = timers().after(CLOSE_TIMEOUT, () -> broken("no close frame came in time"));
    try {
      outbound.close(code, reason);
      if (isLastWrite() && outbound.isEmpty()) {
        outbound.shutdown();
      }
      if (next != State.LEAVING) {
        resumeReads();
      }
    } catch (IOException e) {
      failLater(e);
    }
  }

  /** Sends the last frame, and notifies the listener whether or not that succeeds. */
  private void finish(String reason, WebSocketClosed how) {
    try {
      closeWith(State.FINISHING, how.code(), reason);
    } finally {
      listener.closed(how);
    }
  }

  /** Sends a close frame to a peer that broke the protocol, and discards its further input. */
  private void refuse(ProtocolException e) {
    String detail = String.valueOf(e.getMessage());
    if (state != State.OPEN) {
      broken(detail);
      return;
    }
    listener.batchEnd();
    inbound.discard();
    finish(detail, new WebSocketClosed(e.closeCode(), Cause.ofRefusal(e.closeCode()), detail));
  }

  /** Handles the peer's close frame; echoes its code unless ours was sent first. */
  private void peerClosed(FrameHeader header, ByteBuffer buffer) throws ProtocolException {
    CloseFrame said = CloseFrame.read(Outbound.payload(header, buffer));
    int code = said.code();
    if (state == State.LEAVING) {
      listener.batchEnd();
      broken("the peer closed with " + code);
      return;
    }
    if (state != State.OPEN) {
      end();
      return;
    }
    listener.batchEnd();
    inbound.discard();
    finish(
        "", new WebSocketClosed(code, Cause.PEER, "the peer closed with " + code, said.reason()));
  }

  private void broken(String detail) {
    boolean tell = isHeard();
    try {
      end();
    } finally {
      if (tell) {
        listener.closed(new WebSocketClosed(CloseCode.ABNORMAL, Cause.BROKEN, detail));
      }
    }
  }

  private void end() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    if (cut != null) {
      cut.cancel();
    }
    outbound.release();
    inbound.close();
    try {
      connection.close();
    } finally {
      onEnd.run();
    }
  }

  /** Handles the events of the connection and the frames in its input. */
  private final class Dispatch implements ByteConnection.Listener, Inbound.FrameListener {
    @Override
    public void readable() {
      boundary.enter(WebSocket.this, WebSocket::read);
    }

    @Override
    public void writable() {
      boundary.enter(WebSocket.this, WebSocket::flush);
    }

    @Override
    public void closed() {
      boundary.run(() -> broken("the connection was closed"));
    }

    @Override
    public void message(Message message) throws ProtocolException {
      if (isHeard()) {
        listener.message(message);
      }
    }

    @Override
    public void control(FrameHeader header, ByteBuffer buffer) throws ProtocolException {
      // Pongs are ignored, since no pings are sent: heartbeats are Engine.IO packets.
      if (header.opcode() == Opcode.CLOSE) {
        peerClosed(header, buffer);
      } else if (header.opcode() == Opcode.PING && state == State.OPEN) {
        try {
          outbound.pong(header, buffer);
        } catch (IOException e) {
          failLater(e);
        }
      }
    }

    @Override
    public void batchEnd() {
      if (isHeard()) {
        listener.batchEnd();
      }
    }

    @Override
    public boolean isReading() {
      return isHeard() || state == State.CLOSING;
    }
  }
}

package dev.holdfast.upstream;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.wire.ByteConnection;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketConnector;
import dev.holdfast.wire.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client connection to another node's Engine.IO endpoint. Once the open packet has
 * arrived, messages are delivered unchanged, pings included. Confined to its I/O thread.
 */
public final class NodeLink {
  /** Why a link ended. */
  public enum End {
    /** No connection could be opened, for an unknown reason. */
    UNREACHABLE,
    /** The host refused the connection, is another node, or declined the handshake. */
    REFUSED,
    /** No response in time. */
    TIMEOUT,
    /** The other node sent a close frame. */
    CLOSED,
    /** The connection broke, or the other node was silent for too long. */
    LOST
  }

  /** Receives link events on its I/O thread. */
  public interface Listener {
    /** Called when the link accepts frames. */
    void opened();

    /** Receives a message as the other node sent it; valid until {@link #batchEnd}. */
    void message(Message message) throws ProtocolException;

    /** Called after the last message of a read. */
    void batchEnd();

    /** Called when the link accepts frames again. */
    void writable();

    /**
     * Called at most once, when the link has ended without {@link NodeLink#close}.
     *
     * @param code of the other node's close frame
     * @param reason the text of the close frame, or a description for the log
     */
    void ended(End how, int code, String reason);
  }

  /**
   * The limits and resources of a link.
   *
   * @param path of the endpoint, the same on all nodes
   * @param maxMessage size of the largest message in bytes
   * @param handshakeTimeout from the dial to the end of the handshake
   */
  public record Limits(String path, BufferPool pool, long maxMessage, Duration handshakeTimeout) {}

  private final Limits limits;
  private final ErrorBoundary boundary = new ErrorBoundary("a link to a node", this::abandon);
  private final PingTimeout pingTimeout;
  private Listener listener;
  private WebSocketConnector.@Nullable Attempt handshake;
  private @Nullable WebSocket socket;
  private boolean open;
  private boolean closed;

  private NodeLink(Limits limits, EventLoop loop, Listener listener) {
    this.limits = limits;
    this.pingTimeout = new PingTimeout(boundary.guard(loop), this::silent);
    this.listener = listener;
  }

  /** Starts to open a link for a client. The listener is never called before this returns. */
  public static NodeLink dial(
      NodeNetwork network,
      NodeNetwork.Place place,
      Forwarding.Client client,
      Limits limits,
      EventLoop loop,
      Listener listener) {
    NodeLink link = new NodeLink(limits, loop, listener);
    loop.execute(
        link.boundary.guard(
            () -> link.open(network.connector(place, client, limits.path()), loop)));
    return link;
  }

  private void open(WebSocketConnector connector, EventLoop loop) {
    if (!closed) {
      handshake = connector.open(loop, limits.handshakeTimeout(), new Dialled());
    }
  }

  /** Replaces the listener. */
  public void listener(Listener next) {
    listener = next;
  }

  /** Sends complete masked frames, all or none. */
  public boolean send(ByteBuffer frames) {
    return open && socket != null && socket.send(frames);
  }

  /** Returns whether everything accepted has been written to the network. */
  public boolean isFlushed() {
    return socket == null || socket.isFlushed();
  }

  /** Pauses reading. */
  public void pauseReads() {
    pingTimeout.pause();
    if (socket != null) {
      socket.pauseReads();
    }
  }

  /** Resumes reading. */
  public void resumeReads() {
    pingTimeout.resume();
    if (socket != null) {
      socket.resumeReads();
    }
  }

  /**
   * Closes the link and sends the reason to the other node; the listener receives no further
   * events.
   */
  public void close(int code, String reason) {
    if (closed) {
      return;
    }
    ended();
    if (socket != null) {
      socket.close(code, reason);
    } else if (handshake != null) {
      handshake.cancel();
    }
  }

  private void ended() {
    closed = true;
    open = false;
    pingTimeout.stop();
  }

  private void fail(End how, int code, String reason) {
    if (!closed) {
      ended();
      listener.ended(how, code, reason);
    }
  }

  /** Closes the connection after an internal error. */
  private void abandon() {
    if (socket != null) {
      socket.close(CloseCode.INTERNAL_ERROR, "internal");
    } else if (handshake != null) {
      handshake.cancel();
    }
    fail(End.LOST, CloseCode.INTERNAL_ERROR, "internal error");
  }

  private void opened(Message message) throws ProtocolException {
    Announced announced = Announced.read(new String(message.bytes(0), StandardCharsets.UTF_8));
    open = true;
    pingTimeout.watch(announced.pingInterval().plus(announced.pingTimeout()));
    listener.opened();
  }

  private void silent(Duration limit) {
    WebSocket through = socket;
    fail(End.LOST, CloseCode.ABNORMAL, "no frame in " + limit);
    if (through != null) {
      through.close(CloseCode.GOING_AWAY, "silent for too long");
    }
  }

  private final class Dialled implements WebSocketConnector.Outcome {
    @Override
    public void upgraded(ByteConnection connection, ByteBuffer first) {
      boundary.run(() -> begin(connection, first));
    }

    private void begin(ByteConnection connection, ByteBuffer first) {
      WebSocket.Limits wire =
          new WebSocket.Limits(limits.pool(), limits.maxMessage(), (frames, bytes) -> {});
      WebSocket opened =
          WebSocket.open(connection, WebSocket.Role.CLIENT, wire, FrameListener::new).socket;
      socket = opened;
      // Until the open packet nothing else shows that the other node is alive.
      pingTimeout.watch(limits.handshakeTimeout());
      opened.start(first);
    }

    @Override
    public void failed(String reason, String sentence, boolean refused) {
      boolean connected = handshake != null && handshake.wasConnected();
      End how = refused ? End.REFUSED : connected ? End.TIMEOUT : End.UNREACHABLE;
      boundary.run(() -> fail(how, CloseCode.ABNORMAL, sentence));
    }
  }

  private final class FrameListener implements WebSocketListener {
    private final WebSocket socket;

    private FrameListener(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void message(Message message) throws ProtocolException {
      pingTimeout.packetReceived();
      if (open) {
        listener.message(message);
      } else if (!closed) {
        opened(message);
      }
    }

    @Override
    public void batchEnd() {
      if (open) {
        listener.batchEnd();
      }
    }

    @Override
    public void writable() {
      if (open) {
        listener.writable();
      }
    }

    @Override
    public void closed(WebSocketClosed how) {
      switch (how.cause()) {
        case PEER -> fail(End.CLOSED, how.code(), how.reason());
        case BROKEN, PROTOCOL, TOO_BIG, NO_MEMORY, INTERNAL ->
            fail(End.LOST, how.code(), how.detail());
      }
    }
  }
}

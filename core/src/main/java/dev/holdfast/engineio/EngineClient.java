package dev.holdfast.engineio;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An Engine.IO 4 client over a WebSocket: the link of a session to its upstream, or of a client's
 * transport to another node. Confined to its event loop.
 */
public final class EngineClient implements EngineConnection {
  /**
   * The limits of a client, and how it treats its server.
   *
   * @param handshakeTimeout from the dial to the end of the handshake, and from there to the open
   *     packet
   * @param silentTimeout longest time without a frame; empty means the announced ping interval plus
   *     timeout
   * @param splice whether the server is another node: messages include all Engine.IO packets, which
   *     are not answered here, and the close frame carries the close reason
   */
  public record Options(
      WebSocket.Limits webSocket,
      Duration handshakeTimeout,
      Optional<Duration> silentTimeout,
      boolean splice) {
    /** Returns the options of a client of another node. */
    public static Options splice(BufferPool pool, long maxMessage, Duration handshakeTimeout) {
      return new Options(
          new WebSocket.Limits(pool, maxMessage, (frames, bytes) -> {}),
          handshakeTimeout,
          Optional.empty(),
          true);
    }
  }

  /** Receives the changes of a client's state, on its event loop. */
  public interface Listener {
    /** Called when the open packet has arrived and the client accepts frames. */
    void opened(Announced announced);

    /** Called when no WebSocket could be opened, see {@link WebSocketConnector.Outcome#failed}. */
    void failed(String reason, String sentence, boolean refused);

    /**
     * Called when the WebSocket has ended by itself, perhaps before {@link #opened}.
     *
     * @param detail for the log
     */
    void ended(CloseReason reason, String detail);

    /** Called when the owner has closed the client, which was open. */
    default void closed(CloseReason reason) {
      // Its owner knows.
    }
  }

  private final Options options;
  private final ErrorBoundary boundary = new ErrorBoundary("a link", this::abandon);
  private final PauseReasons pauses = new PauseReasons();
  private final PingTimeout pingTimeout;
  private MessageListener messages;
  private Listener listener;
  private WebSocketConnector.@Nullable Attempt handshake;
  private @Nullable WebSocket socket;
  private byte @Nullable [] duePong;
  private boolean open;
  private boolean closed;

  private EngineClient(
      Options options, EventLoop loop, MessageListener messages, Listener listener) {
    this.options = options;
    this.pingTimeout = new PingTimeout(boundary.guard(loop), this::silent);
    this.messages = messages;
    this.listener = listener;
  }

  /** Starts to open a client. The listeners are never called before this returns. */
  public static EngineClient dial(
      WebSocketConnector connector,
      Options options,
      EventLoop loop,
      MessageListener messages,
      Listener listener) {
    EngineClient client = new EngineClient(options, loop, messages, listener);
    loop.execute(client.boundary.guard(() -> client.open(connector, loop)));
    return client;
  }

  private void open(WebSocketConnector connector, EventLoop loop) {
    if (!closed) {
      handshake = connector.open(loop, options.handshakeTimeout(), new Upgrade());
    }
  }

  /** Replaces both listeners. */
  public <L extends MessageListener & Listener> void listener(L next) {
    messages = next;
    listener = next;
  }

  /** Returns whether a connection for the handshake was established. */
  public boolean wasConnected() {
    return handshake != null && handshake.wasConnected();
  }

  @Override
  public boolean send(ByteBuffer frames) {
    WebSocket through = socket;
    return open && through != null && through.send(frames);
  }

  @Override
  public boolean isFlushed() {
    return socket == null || socket.isFlushed();
  }

  @Override
  public void pauseReads(PauseReason reason) {
    if (pauses.add(reason)) {
      pingTimeout.pause();
      if (socket != null) {
        socket.pauseReads();
      }
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (pauses.remove(reason)) {
      pingTimeout.resume();
      if (socket != null) {
        socket.resumeReads();
      }
    }
  }

  @Override
  public boolean ping() {
    // Only servers send pings.
    return false;
  }

  @Override
  public void close(CloseReason reason) {
    if (closed) {
      return;
    }
    boolean wasOpen = end();
    WebSocket through = socket;
    if (through == null) {
      cancel();
    } else if (options.splice()) {
      through.close(reason.closeCode(), reason.label());
    } else {
      if (wasOpen && reason == CloseReason.CLIENT_CLOSED) {
        // python-engineio distinguishes "client disconnect" from "transport close" by this packet.
        through.send(ByteBuffer.wrap(TextFrame.masked("1")));
      }
      through.close(CloseCode.NORMAL, "");
    }
    if (wasOpen) {
      listener.closed(reason);
    }
  }

  private void cancel() {
    if (handshake != null) {
      handshake.cancel();
    }
  }

  /** Returns whether the client was open. */
  private boolean end() {
    boolean wasOpen = open;
    closed = true;
    open = false;
    pingTimeout.stop();
    return wasOpen;
  }

  private void end(CloseReason reason, String detail) {
    if (!closed) {
      end();
      listener.ended(reason, detail);
    }
  }

  /** Closes the connection after an internal error. */
  private void abandon() {
    if (socket != null) {
      socket.close(CloseCode.INTERNAL_ERROR, "internal");
    } else {
      cancel();
    }
    end(options.splice() ? CloseReason.NODE_LOST : CloseReason.INTERNAL, "internal error");
  }

  private void opened(Message message) throws ProtocolException {
    Announced announced = Announced.read(new String(message.bytes(0), StandardCharsets.UTF_8));
    open = true;
    pingTimeout.watch(
        options.silentTimeout().orElse(announced.pingInterval().plus(announced.pingTimeout())));
    listener.opened(announced);
  }

  private void silent(Duration limit) {
    WebSocket through = socket;
    end(
        options.splice() ? CloseReason.NODE_LOST : CloseReason.UPSTREAM_SILENT,
        "no frame in " + limit);
    if (through != null) {
      through.close(CloseCode.GOING_AWAY, "silent for too long");
    }
  }

  private void pong(byte[] ping) {
    ping[0] = '3';
    if (socket != null && !socket.send(ByteBuffer.wrap(TextFrame.masked(ping)))) {
      duePong = ping;
    }
  }

  private static CloseReason reasonOfNode(WebSocketClosed how) {
    return how.cause() == WebSocketClosed.Cause.PEER
        ? CloseReason.of(how.code(), how.reason()).orElse(CloseReason.NODE_LOST)
        : CloseReason.NODE_LOST;
  }

  private static CloseReason reasonOfUpstream(WebSocketClosed how) {
    return switch (how.cause()) {
      case PEER ->
          switch (how.code()) {
            case CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_PAYLOAD, CloseCode.TOO_BIG ->
                CloseReason.UPSTREAM_BLAMED;
            default -> CloseReason.UPSTREAM_CLOSED;
          };
      case BROKEN -> CloseReason.UPSTREAM_CLOSED;
      case PROTOCOL -> CloseReason.UPSTREAM_PROTOCOL;
      case TOO_BIG -> CloseReason.UPSTREAM_MESSAGE;
      case NO_MEMORY -> CloseReason.NO_BUFFERS;
      case INTERNAL -> CloseReason.INTERNAL;
    };
  }

  private final class Upgrade implements WebSocketConnector.Outcome {
    @Override
    public void upgraded(ByteConnection connection, ByteBuffer first) {
      boundary.run(() -> begin(connection, first));
    }

    private void begin(ByteConnection connection, ByteBuffer first) {
      WebSocket opened =
          WebSocket.open(connection, WebSocket.Role.CLIENT, options.webSocket(), FrameListener::new)
              .socket;
      socket = opened;
      // Until the open packet nothing else shows that the server is alive.
      pingTimeout.watch(options.handshakeTimeout());
      opened.start(first);
      if (pauses.areAny()) {
        opened.pauseReads();
      }
    }

    @Override
    public void failed(String reason, String sentence, boolean refused) {
      boundary.run(
          () -> {
            if (!closed) {
              end();
              listener.failed(reason, sentence, refused);
            }
          });
    }
  }

  /** Handles the server's packets. */
  private final class FrameListener implements WebSocketListener {
    private final WebSocket socket;
    private final boolean splice = options.splice();

    private FrameListener(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void message(Message message) throws ProtocolException {
      pingTimeout.packetReceived();
      if (!open) {
        if (!closed) {
          opened(message);
        }
      } else if (splice || !message.text() || message.byteAt(0) == '4') {
        messages.message(message);
      } else {
        control(message);
      }
    }

    private void control(Message packet) throws ProtocolException {
      switch (packet.byteAt(0)) {
        case '2' -> pong(packet.bytes(0));
        case '6' -> {
          // A noop carries nothing.
        }
        case '1' -> {
          end(CloseReason.UPSTREAM_CLOSED, "the server sent an Engine.IO close packet");
          // It may keep the WebSocket open, which nothing watches any more.
          socket.close(CloseCode.NORMAL, "");
        }
        default ->
            throw new ProtocolException(
                "a server may not send the Engine.IO packet type " + packet.byteAt(0));
      }
    }

    @Override
    public void batchEnd() {
      if (open) {
        messages.batchEnd();
      }
    }

    @Override
    public void writable() {
      byte[] due = duePong;
      if (due != null) {
        duePong = null;
        pong(due);
      }
      if (open) {
        messages.writable();
      }
    }

    @Override
    public void closed(WebSocketClosed how) {
      boolean said = splice && how.cause() == WebSocketClosed.Cause.PEER;
      end(splice ? reasonOfNode(how) : reasonOfUpstream(how), said ? how.reason() : how.detail());
    }
  }
}

package dev.holdfast.upstream;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link of one session: an Engine.IO WebSocket client connection to an upstream. Answers the
 * upstream's pings independently of the browser. Confined to the session's I/O thread.
 */
public final class UpstreamLink implements EngineConnection {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamLink.class);

  /**
   * The limits and resources of a link.
   *
   * @param maxMessage size of the largest message of an upstream, in bytes
   * @param handshakeTimeout from the dial to the end of the handshake
   * @param silentTimeout longest time without a frame; empty means the announced ping interval plus
   *     timeout
   */
  public record Limits(
      BufferPool pool,
      long maxMessage,
      Duration handshakeTimeout,
      Optional<Duration> silentTimeout) {}

  private final Upstream upstream;
  private final Limits limits;
  private final Metrics metrics;
  private final ErrorBoundary boundary = new ErrorBoundary("a link", this::abandon);
  private final PauseReasons pauses = new PauseReasons();
  private final PingTimeout pingTimeout;
  private final Listener listener;
  private WebSocketConnector.@Nullable Attempt handshake;
  private @Nullable WebSocket socket;
  private byte @Nullable [] duePong;
  private boolean open;
  private boolean closed;

  private UpstreamLink(
      Upstream upstream, Limits limits, Metrics metrics, EventLoop loop, Listener listener) {
    this.upstream = upstream;
    this.limits = limits;
    this.metrics = metrics;
    this.pingTimeout = new PingTimeout(boundary.guard(loop), this::silent);
    this.listener = listener;
  }

  /** Starts to open a link on this event loop. The listener is never called before this returns. */
  public static UpstreamLink dial(
      Upstream upstream,
      LinkRequest request,
      Limits limits,
      Metrics metrics,
      EventLoop loop,
      Listener listener) {
    UpstreamLink link = new UpstreamLink(upstream, limits, metrics, loop, listener);
    loop.execute(link.boundary.guard(() -> link.open(upstream.connector(request), loop)));
    return link;
  }

  private void open(WebSocketConnector connector, EventLoop loop) {
    if (!closed) {
      handshake = connector.open(loop, limits.handshakeTimeout(), new Dialled());
    }
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
    if (!pauses.add(reason)) {
      return;
    }
    pingTimeout.pause();
    if (socket != null) {
      socket.pauseReads();
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (!pauses.remove(reason)) {
      return;
    }
    pingTimeout.resume();
    if (socket != null) {
      socket.resumeReads();
    }
  }

  @Override
  public boolean ping() {
    // Upstreams acknowledge nothing.
    return false;
  }

  @Override
  public void close(CloseReason reason) {
    if (closed) {
      return;
    }
    WebSocket through = socket;
    if (through == null) {
      closed = true;
      if (handshake != null) {
        handshake.cancel();
      }
    } else {
      if (open && reason == CloseReason.CLIENT_CLOSED) {
        // python-engineio distinguishes "client disconnect" from "transport close" by this packet.
        through.send(ByteBuffer.wrap(TextFrame.masked("1")));
      }
      ended(reason.label());
      through.close(CloseCode.NORMAL, "");
    }
  }

  private void ended(String reason) {
    closed = true;
    pingTimeout.stop();
    if (open) {
      open = false;
      metrics.linkClosed(upstream.name(), reason);
    }
  }

  /** Ends the link because the upstream failed. */
  private void fail(CloseReason reason, String detail) {
    if (closed) {
      return;
    }
    boolean wasOpen = open;
    ended(reason.label());
    if (wasOpen) {
      LOG.info("link to {} ended: {}: {}", upstream.name(), reason.label(), detail);
      listener.closed(reason);
    } else {
      metrics.linkFailed(upstream.name(), "handshake");
      LOG.warn("no link to {}: {}", upstream.name(), detail);
      listener.closed(reason == CloseReason.INTERNAL ? reason : CloseReason.UPSTREAM_UNAVAILABLE);
    }
  }

  /** Closes the connection after an internal error. */
  private void abandon() {
    WebSocket through = socket;
    if (through != null) {
      through.close(CloseCode.INTERNAL_ERROR, "internal");
    } else if (handshake != null) {
      handshake.cancel();
    }
    fail(CloseReason.INTERNAL, "internal error");
  }

  private void opened(Message message) throws ProtocolException {
    Announced announced = Announced.read(new String(message.bytes(0), StandardCharsets.UTF_8));
    upstream.linkOpened(announced);
    metrics.linkOpened(upstream.name());
    open = true;
    pingTimeout.watch(
        limits.silentTimeout().orElse(announced.pingInterval().plus(announced.pingTimeout())));
    listener.writable();
  }

  private void silent(Duration limit) {
    WebSocket through = socket;
    fail(CloseReason.UPSTREAM_SILENT, "no frame in " + limit);
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

  private final class Dialled implements WebSocketConnector.Outcome {
    @Override
    public void upgraded(ByteConnection connection, ByteBuffer first) {
      boundary.run(() -> begin(connection, first));
    }

    private void begin(ByteConnection connection, ByteBuffer first) {
      WebSocket.Limits wire =
          new WebSocket.Limits(
              limits.pool(),
              limits.maxMessage(),
              (frames, bytes) -> metrics.framesIn("upstream", frames, bytes));
      WebSocket opened =
          WebSocket.open(connection, WebSocket.Role.CLIENT, wire, FrameListener::new).socket;
      socket = opened;
      // Until the open packet nothing else shows that the upstream is alive.
      pingTimeout.watch(limits.handshakeTimeout());
      opened.start(first);
      if (pauses.areAny()) {
        opened.pauseReads();
      }
    }

    @Override
    public void failed(String reason, String sentence, boolean refused) {
      boundary.run(() -> missed(reason, sentence));
    }

    private void missed(String reason, String sentence) {
      if (!closed) {
        closed = true;
        metrics.linkFailed(upstream.name(), reason);
        upstream.dialFailed();
        LOG.warn("no link to {}: {}", upstream.name(), sentence);
        listener.closed(CloseReason.UPSTREAM_UNAVAILABLE);
      }
    }
  }

  private static boolean blames(int code) {
    return code == CloseCode.PROTOCOL_ERROR
        || code == CloseCode.INVALID_PAYLOAD
        || code == CloseCode.TOO_BIG;
  }

  /** Handles the upstream's Engine.IO 4 packets. */
  private final class FrameListener implements dev.holdfast.wire.WebSocketListener {
    private final WebSocket socket;

    private FrameListener(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void message(Message message) throws ProtocolException {
      pingTimeout.packetReceived();
      if (!open) {
        if (closed) {
          return;
        }
        opened(message);
        return;
      }
      if (!message.text()) {
        listener.message(message);
        return;
      }
      switch (message.byteAt(0)) {
        case '4' -> listener.message(message);
        case '2' -> pong(message.bytes(0));
        case '6' -> {
          // A noop carries nothing.
        }
        case '1' -> {
          fail(CloseReason.UPSTREAM_CLOSED, "the upstream sent an Engine.IO close packet");
          // It may keep the WebSocket open, which nothing watches any more.
          socket.close(CloseCode.NORMAL, "");
        }
        default ->
            throw new ProtocolException(
                "an upstream may not send the Engine.IO packet type " + message.byteAt(0));
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
      byte[] due = duePong;
      if (due != null) {
        duePong = null;
        pong(due);
      }
      listener.writable();
    }

    @Override
    public void closed(WebSocketClosed how) {
      CloseReason reason =
          switch (how.cause()) {
            case PEER ->
                blames(how.code()) ? CloseReason.UPSTREAM_BLAMED : CloseReason.UPSTREAM_CLOSED;
            case BROKEN -> CloseReason.UPSTREAM_CLOSED;
            case PROTOCOL -> CloseReason.UPSTREAM_PROTOCOL;
            case TOO_BIG -> CloseReason.UPSTREAM_MESSAGE;
            case NO_MEMORY -> CloseReason.NO_BUFFERS;
            case INTERNAL -> CloseReason.INTERNAL;
          };
      fail(reason, how.detail());
    }
  }
}

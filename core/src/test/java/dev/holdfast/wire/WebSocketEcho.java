package dev.holdfast.wire;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.HandshakeKey;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.xnio.StreamConnection;

/** A server whose WebSockets send every message back, to try {@link WebSocket} from outside. */
public final class WebSocketEcho implements Closeable {
  private static final long MAX_MESSAGE = 32L * 1024 * 1024;
  private static final int MAX_WAITING = 16;

  private final WebSocket.Limits limits;
  private final Undertow server;

  private WebSocketEcho(int port, long maxMessage) {
    BufferPool pool = new BufferPool(16 * maxMessage);
    limits = new WebSocket.Limits(pool, maxMessage, (frames, bytes) -> {});
    server =
        Undertow.builder()
            .addHttpListener(port, "127.0.0.1", this::upgrade)
            .setIoThreads(1)
            .build();
  }

  /** Runs until the process is ended; the argument is the port. */
  public static void main(String[] arguments) {
    WebSocketEcho echo = start(Integer.parseInt(arguments[0]), MAX_MESSAGE);
    System.out.println("listening on " + echo.port());
  }

  /** A server on this port, or a free one for 0. */
  public static WebSocketEcho start(int port, long maxMessage) {
    WebSocketEcho echo = new WebSocketEcho(port, maxMessage);
    echo.server.start();
    return echo;
  }

  /** The port that it listens on. */
  public int port() {
    return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
  }

  @Override
  public void close() {
    server.stop();
  }

  private void upgrade(HttpServerExchange exchange) {
    String key = exchange.getRequestHeaders().getFirst(Headers.SEC_WEB_SOCKET_KEY);
    if (key == null) {
      exchange.setStatusCode(400).endExchange();
      return;
    }
    exchange.getResponseHeaders().put(Headers.UPGRADE, "websocket");
    exchange.getResponseHeaders().put(Headers.CONNECTION, "Upgrade");
    exchange.getResponseHeaders().put(Headers.SEC_WEB_SOCKET_ACCEPT, HandshakeKey.accept(key));
    exchange.upgradeChannel((connection, upgraded) -> open(connection));
    exchange.endExchange();
  }

  private void open(StreamConnection connection) {
    WebSocket.open(XnioConnection.of(connection), WebSocket.Role.SERVER, limits, Echo::new)
        .socket
        .start(ByteBuffer.allocate(0));
  }

  /** Keeps what the socket does not take, and reads no more while that is much. */
  private static final class Echo implements WebSocketListener {
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private final WebSocket socket;

    private Echo(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void message(Message message) {
      byte[] payload = message.bytes(0);
      ByteBuffer frame = ByteBuffer.allocate(FrameHeader.bytes(payload.length) + payload.length);
      FrameHeader.write(frame, message.text() ? Opcode.TEXT : Opcode.BINARY, payload.length);
      waiting.add(frame.put(payload).flip());
    }

    @Override
    public void batchEnd() {
      writable();
    }

    @Override
    public void writable() {
      while (!waiting.isEmpty() && socket.send(waiting.getFirst())) {
        waiting.removeFirst();
      }
      if (waiting.size() > MAX_WAITING) {
        socket.pauseReads();
      } else {
        socket.resumeReads();
      }
    }

    @Override
    public void closed(WebSocketClosed how) {
      waiting.clear();
    }
  }
}

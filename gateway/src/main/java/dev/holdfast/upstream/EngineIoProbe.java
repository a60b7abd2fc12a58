package dev.holdfast.upstream;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.upstream.UpstreamState.Kind;
import dev.holdfast.wire.ByteConnection;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketConnector;
import dev.holdfast.wire.WebSocketListener;
import dev.holdfast.wire.XnioEventLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/**
 * Opens an Engine.IO session over a WebSocket as links do, reads its open packet and closes it.
 * Confined to its I/O thread.
 *
 * <p>This also initializes the upstream: python-socketio subscribes to Redis only at the first
 * Engine.IO connection of the process, and a replica that never had one does not receive the
 * responses to its own calls.
 */
final class EngineIoProbe
    implements LinkHandshake.Target, WebSocketConnector.Outcome, WebSocketListener {
  private static final int MAX_OPEN_PACKET = 64 * 1024;

  private final CompletableFuture<Announced> result = new CompletableFuture<>();
  private final Dialer dialer;
  private final CheckRequest request;
  private final Duration limit;
  private final BufferPool pool;
  private WebSocketConnector.@Nullable Attempt attempt;
  private @Nullable WebSocket socket;
  private @Nullable DialFailure undialled;

  private EngineIoProbe(Dialer dialer, CheckRequest request, Duration limit, BufferPool pool) {
    this.dialer = dialer;
    this.request = request;
    this.limit = limit;
    this.pool = pool;
  }

  /**
   * Starts a probe. It fails with a {@link CheckProblem} and leaves no connection open.
   *
   * @param limit from the connection to the open packet
   */
  static CompletableFuture<Announced> open(
      CheckClient client, Dialer dialer, CheckRequest request, Duration limit) {
    EngineIoProbe probe = new EngineIoProbe(dialer, request, limit, client.pool());
    XnioEventLoop loop = new XnioEventLoop(client.thread());
    loop.execute(() -> probe.attempt = probe.open(loop, dialer.timeout().plus(limit), probe));
    return probe.result;
  }

  @Override
  public void connect(XnioIoThread thread, ConnectCallback callback) {
    dialer.dial(
        thread,
        new ConnectCallback() {
          @Override
          public void connected(StreamConnection connection) {
            ScheduledTask timer = new XnioEventLoop(thread).after(limit, EngineIoProbe.this::late);
            var unused = result.whenComplete((announced, problem) -> timer.cancel());
            callback.connected(connection);
          }

          @Override
          public void failed(DialFailure failure) {
            undialled = failure;
            callback.failed(failure);
          }
        });
  }

  @Override
  public byte[] request(String key) {
    return request.webSocket(key);
  }

  private void late() {
    if (result.completeExceptionally(CheckProblem.slow())) {
      if (socket != null) {
        socket.close(CloseCode.GOING_AWAY, "");
      } else if (attempt != null) {
        attempt.cancel();
      }
    }
  }

  @Override
  public void failed(String reason, String sentence, boolean refused) {
    result.completeExceptionally(
        undialled != null
            ? CheckProblem.of(undialled)
            : refused
                ? CheckProblem.declined(sentence)
                : new CheckProblem(Kind.REFUSING, sentence));
  }

  @Override
  public void upgraded(ByteConnection connection, ByteBuffer first) {
    WebSocket.Limits limits = new WebSocket.Limits(pool, MAX_OPEN_PACKET, (frames, bytes) -> {});
    WebSocket.open(
        connection,
        WebSocket.Role.CLIENT,
        limits,
        opened -> {
          socket = opened;
          return this;
        });
    if (socket != null) {
      socket.start(first);
    }
  }

  @Override
  public void message(Message message) throws ProtocolException {
    if (result.isDone()) {
      return;
    }
    try {
      result.complete(Announced.read(new String(message.bytes(0), StandardCharsets.UTF_8)));
    } catch (ProtocolException problem) {
      refused(problem.getMessage());
    }
  }

  @Override
  public void batchEnd() {
    if (result.isDone() && socket != null) {
      socket.close(CloseCode.NORMAL, "");
    }
  }

  @Override
  public void writable() {
    // Nothing is sent.
  }

  @Override
  public void closed(WebSocketClosed how) {
    refused("the upstream closed the WebSocket with " + how.code());
  }

  private void refused(@Nullable String sentence) {
    result.completeExceptionally(new CheckProblem(Kind.REFUSING, String.valueOf(sentence)));
  }
}

package dev.holdfast.upstream;

import dev.holdfast.engineio.EngineClient;
import dev.holdfast.engineio.WebSocketClientHandshake;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Announced;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.upstream.UpstreamState.Kind;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketConnector;
import dev.holdfast.wire.WebSocketListener;
import dev.holdfast.wire.XnioEventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/**
 * Opens an Engine.IO session as links do and closes it once its open packet has arrived. Confined
 * to its I/O thread.
 *
 * <p>This also initializes the upstream: python-socketio subscribes to Redis only at the first
 * Engine.IO connection of the process, and a replica that never had one does not receive the
 * responses to its own calls.
 */
final class EngineIoProbe implements EngineClient.Listener {
  private static final int MAX_OPEN_PACKET = 64 * 1024;

  private final CompletableFuture<Announced> result = new CompletableFuture<>();
  private final Dialer dialer;
  private final Duration limit;
  private @Nullable EngineClient client;
  private @Nullable DialFailure undialled;

  private EngineIoProbe(Dialer dialer, Duration limit) {
    this.dialer = dialer;
    this.limit = limit;
  }

  /**
   * Starts a probe. It fails with a {@link CheckProblem} and leaves no connection open.
   *
   * @param limit from the connection to the open packet
   */
  static CompletableFuture<Announced> open(
      CheckClient client, Dialer dialer, CheckRequest request, Duration limit) {
    EngineIoProbe probe = new EngineIoProbe(dialer, limit);
    WebSocketConnector connector =
        WebSocketClientHandshake.connector(probe::connect, request::webSocket);
    XnioEventLoop loop = new XnioEventLoop(client.thread());
    loop.execute(() -> probe.begin(connector, client.pool(), loop));
    return probe.result;
  }

  private void begin(WebSocketConnector connector, BufferPool pool, XnioEventLoop loop) {
    EngineClient.Options options =
        new EngineClient.Options(
            new WebSocket.Limits(pool, MAX_OPEN_PACKET, (frames, bytes) -> {}),
            dialer.timeout().plus(limit),
            Optional.empty(),
            false);
    client = EngineClient.dial(connector, options, loop, WebSocketListener.NOBODY, this);
  }

  private void connect(XnioIoThread thread, ConnectCallback callback) {
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

  private void late() {
    if (result.completeExceptionally(CheckProblem.slow())) {
      close();
    }
  }

  private void close() {
    if (client != null) {
      client.close(CloseReason.CLIENT_LEFT);
    }
  }

  @Override
  public void opened(Announced announced) {
    result.complete(announced);
    close();
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
  public void ended(CloseReason reason, String detail) {
    result.completeExceptionally(new CheckProblem(Kind.REFUSING, detail));
  }
}

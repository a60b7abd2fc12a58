package dev.holdfast.engineio;

import dev.holdfast.http1.ExchangeBoundary;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.wire.ByteConnection;
import dev.holdfast.wire.XnioConnection;
import dev.holdfast.wire.XnioEventLoop;
import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.StreamConnection;

/** An {@link EngineExchange} over an Undertow exchange, which its handler has dispatched. */
final class UndertowExchange implements EngineExchange {
  private static final Logger LOG = LoggerFactory.getLogger(UndertowExchange.class);
  private static final String RETRY_AFTER_SECONDS = "2";

  /** The task to run when a connection closes; one slot for all of its requests. */
  private static final AttachmentKey<AtomicReference<Runnable>> ON_CLOSE =
      AttachmentKey.create(AtomicReference.class);

  private final HttpServerExchange exchange;
  private final EngineHandler.Context context;
  private final EngineListener listener;
  private final EngineRequest request;
  private final ErrorBoundary boundary;

  UndertowExchange(
      HttpServerExchange exchange, EngineHandler.Context context, EngineListener listener) {
    this.exchange = exchange;
    this.context = context;
    this.listener = listener;
    this.request = EngineRequest.of(exchange.getQueryString());
    this.boundary = ExchangeBoundary.around(exchange, () -> listener.internalError("request"));
  }

  /** Returns the error boundary of this request. */
  ErrorBoundary boundary() {
    return boundary;
  }

  @Override
  public ForwardedClient client() {
    return context.clients().apply(exchange);
  }

  @Override
  public boolean isFromNode() {
    return context.otherNodes().isFrom(exchange);
  }

  @Override
  public HeaderMap headers() {
    return exchange.getRequestHeaders();
  }

  /** Reports the request to the {@link HandshakeObserver}. */
  void observed() {
    if (!isGet() || isFromNode()) {
      return;
    }
    if (request.isWebSocket() && isUpgrade()) {
      context.observer().webSocketRequested(this);
    } else if (request.isWebSocket()) {
      context.observer().webSocketStripped(this);
    } else if (request.sid().isEmpty()) {
      context.observer().pollingRequested(this);
    }
  }

  @Override
  public EventLoop loop() {
    return new XnioEventLoop(exchange.getIoThread());
  }

  @Override
  public EngineRequest request() {
    return request;
  }

  @Override
  public boolean isGet() {
    return exchange.getRequestMethod().equals(Methods.GET);
  }

  @Override
  public boolean isPost() {
    return exchange.getRequestMethod().equals(Methods.POST);
  }

  @Override
  public boolean isOctetStream() {
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    return type != null && type.startsWith("application/octet-stream");
  }

  @Override
  public boolean isUpgrade() {
    return Upgrades.isUpgrade(exchange);
  }

  @Override
  public boolean sendOn(String sid) {
    return context.otherNodes().sendOn(exchange, sid);
  }

  @Override
  public void receive(long limit, Peer peer, Body body) {
    execute(() -> read(limit, peer, body));
  }

  private void execute(Runnable task) {
    exchange.getIoThread().execute(boundary.guard(task));
  }

  private void read(long limit, Peer peer, Body body) {
    PostBody reading =
        new PostBody(
            exchange,
            context.bodies(),
            limit,
            peer,
            boundary,
            new PostBody.Reader() {
              @Override
              public void received(byte[] bytes, Runnable release) {
                body.received(bytes, release);
              }

              @Override
              public void refused(PostBody.Refusal refusal) {
                refuse(refusal, body);
              }

              @Override
              public void lost() {
                body.failed();
              }
            });
    slot(exchange.getConnection()).set(boundary.guard(reading::lost));
    reading.begin();
  }

  private void refuse(PostBody.Refusal refusal, Body body) {
    slot(exchange.getConnection()).set(() -> {});
    EngineHandler.allowOrigin(exchange);
    exchange.setStatusCode(refusal.status());
    exchange.setPersistent(false);
    exchange.endExchange();
    if (refusal == PostBody.Refusal.TOO_LARGE) {
      body.tooLarge();
    } else {
      listener.refused(refusal.reason());
      LOG.info("refused a request body from {} ({})", client().address(), refusal.reason());
      body.failed();
    }
  }

  @Override
  public void onAbort(Runnable task) {
    execute(() -> slot(exchange.getConnection()).set(boundary.guard(task)));
  }

  private static AtomicReference<Runnable> slot(ServerConnection connection) {
    AtomicReference<Runnable> slot = connection.getAttachment(ON_CLOSE);
    if (slot == null) {
      AtomicReference<Runnable> fresh = new AtomicReference<>(() -> {});
      connection.putAttachment(ON_CLOSE, fresh);
      connection.addCloseListener(closed -> Objects.requireNonNull(fresh.get()).run());
      slot = fresh;
    }
    return slot;
  }

  @Override
  public void text(String packet) {
    payload(ByteBuffer.wrap(packet.getBytes(StandardCharsets.US_ASCII)));
  }

  @Override
  public void payload(ByteBuffer payload) {
    answer(200, "text/plain; charset=UTF-8", payload);
  }

  @Override
  public void refuse(EngineError error, String detail) {
    boolean plain = isUpgrade();
    String body;
    if (detail.isEmpty()) {
      body = plain ? error.message() : error.json();
    } else {
      body = plain ? error.message() + ": " + detail : error.json(detail);
    }
    answer(
        error.status(),
        plain ? "text/plain" : "application/json",
        ByteBuffer.wrap(body.getBytes(StandardCharsets.US_ASCII)));
  }

  private void answer(int status, String type, ByteBuffer body) {
    execute(
        () -> {
          slot(exchange.getConnection()).set(() -> {});
          if (exchange.isResponseStarted() || exchange.isComplete()) {
            return;
          }
          exchange.setStatusCode(status);
          HeaderMap headers = exchange.getResponseHeaders();
          headers.put(Headers.CONTENT_TYPE, type);
          headers.put(Headers.CACHE_CONTROL, "no-store");
          if (status == EngineError.UNAVAILABLE.status()) {
            headers.put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
          }
          if (status != EngineError.FORBIDDEN.status()) {
            EngineHandler.allowOrigin(exchange);
          }
          if (isUpgrade()) {
            // As the reference server does: data after a refused upgrade is not another request.
            exchange.setPersistent(false);
          }
          exchange.getResponseSender().send(body, IoCallback.END_EXCHANGE);
        });
  }

  @Override
  public void upgrade(Consumer<ByteConnection> then, Runnable otherwise) {
    EngineHandler.allowOrigin(exchange);
    boolean ownClient = !isFromNode();
    Upgrades.accept(
        exchange,
        connection -> {
          boolean taken =
              boundary.run(
                  () -> {
                    XnioConnection upgraded = XnioConnection.of(connection);
                    if (ownClient) {
                      onClose(connection, context.observer().webSocketOpened(this));
                    }
                    then.accept(upgraded);
                  });
          if (!taken) {
            otherwise.run();
          }
        });
  }

  /**
   * Runs the task when the connection closes, before its present close listener; at once if it is
   * already closed.
   */
  private static void onClose(StreamConnection connection, Runnable task) {
    ChannelListener<? super StreamConnection> before = connection.getCloseListener();
    connection.setCloseListener(
        closed -> {
          task.run();
          ChannelListeners.invokeChannelListener(closed, before);
        });
    if (!connection.isOpen()) {
      task.run();
    }
  }
}

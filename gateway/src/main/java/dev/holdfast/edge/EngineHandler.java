package dev.holdfast.edge;

import dev.holdfast.protocol.EngineError;
import dev.holdfast.protocol.OpenPacket;
import dev.holdfast.session.Hop;
import dev.holdfast.upstream.Forwarding;
import dev.holdfast.wire.WebSocket;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.StreamConnection;

/**
 * The Engine.IO 4 server on its path: handshakes, polling requests and upgrades; every refusal as
 * the reference server words it. Thread-safe.
 *
 * @see <a href="https://socket.io/docs/v4/engine-io-protocol/">Engine.IO protocol</a>
 */
public final class EngineHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(EngineHandler.class);
  private static final String REVISION = "4";
  private static final String RETRY_AFTER_SECONDS = "2";
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EngineOptions options;
  private final Sockets sockets;
  private final OriginPolicy origins;
  private final Application application;
  private final OtherNodes otherNodes;

  /**
   * A server with no session yet.
   *
   * @param origins what {@code CORS_ALLOW_ORIGIN} allows; empty means the same host only
   * @param secrets makes the sids, by which other nodes know this one
   */
  public EngineHandler(
      EngineOptions options,
      List<String> origins,
      Forwarding forwarding,
      Application application,
      Secrets secrets,
      OtherNodes otherNodes) {
    this.options = options;
    this.sockets = new Sockets(secrets);
    this.otherNodes = otherNodes;
    this.origins = new OriginPolicy(origins, forwarding);
    this.application = application;
  }

  /** The sessions that are open. */
  public Sockets sockets() {
    return sockets;
  }

  /** Whether a request is for this handler: its path, with or without the last slash. */
  public boolean isFor(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    String ours = options.path();
    return path.equals(ours) || (path.length() == ours.length() - 1 && ours.startsWith(path));
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    EngineRequest request = EngineRequest.of(exchange.getQueryString());
    if (!origins.allows(exchange)) {
      refuse(exchange, EngineError.FORBIDDEN, "origin");
      return;
    }
    if (exchange.getRequestMethod().equals(Methods.OPTIONS)) {
      OriginPolicy.preflight(exchange);
      return;
    }
    if (request.sid().isPresent() && isElsewhere(exchange, request, request.sid().get())) {
      return;
    }
    OriginPolicy.allow(exchange);
    if (!request.isPolling() && !request.isWebSocket()) {
      refuse(exchange, EngineError.TRANSPORT_UNKNOWN, "transport");
    } else if (request.jsonp()) {
      refuse(exchange, EngineError.BAD_REQUEST, "jsonp");
    } else if (request.isWebSocket() && !Upgrades.isUpgrade(exchange)) {
      refuse(exchange, EngineError.BAD_REQUEST, "no-upgrade");
    } else if (request.sid().isPresent()) {
      existing(exchange, request, request.sid().get());
    } else {
      handshake(exchange, request);
    }
  }

  /** What another node has sent on is looked for here and nowhere else. */
  private boolean isElsewhere(HttpServerExchange exchange, EngineRequest request, String sid) {
    if (Forwarding.isVouched(exchange)) {
      return false;
    }
    // They would be cut soon, and keep the node from its end; load balancers ask another one.
    boolean lasts =
        request.isWebSocket()
            ? application.isDraining()
            : isGet(exchange) && application.isClosing();
    if (lasts && sockets.find(sid).isEmpty()) {
      refuse(exchange, EngineError.UNAVAILABLE, "draining");
      return true;
    }
    return otherNodes.sendOn(exchange, sid);
  }

  private void existing(HttpServerExchange exchange, EngineRequest request, String sid) {
    Optional<EngineSocket> found = sockets.find(sid);
    if (found.isEmpty()) {
      over(exchange, request, sid);
    } else if (request.isWebSocket()) {
      upgrade(exchange, found.get());
    } else {
      poll(exchange, found.get());
    }
  }

  private void over(HttpServerExchange exchange, EngineRequest request, String sid) {
    Optional<byte[]> last =
        request.isPolling() && isGet(exchange) ? sockets.takeClosing(sid) : Optional.empty();
    if (last.isPresent()) {
      PollExchange poll = new PollExchange(exchange);
      exchange.dispatch(
          SameThreadExecutor.INSTANCE, () -> poll.payload(ByteBuffer.wrap(last.get())));
    } else {
      refuse(exchange, EngineError.SESSION_UNKNOWN, "sid");
    }
  }

  private static boolean isGet(HttpServerExchange exchange) {
    return exchange.getRequestMethod().equals(Methods.GET);
  }

  private void poll(HttpServerExchange exchange, EngineSocket socket) {
    PollExchange poll = new PollExchange(exchange);
    if (isGet(exchange)) {
      exchange.dispatch(
          SameThreadExecutor.INSTANCE, () -> onPolling(socket, poll, polling -> polling.get(poll)));
    } else if (exchange.getRequestMethod().equals(Methods.POST)) {
      PollPost.receive(exchange, poll, socket, this::onPolling);
    } else {
      refuse(exchange, EngineError.BAD_REQUEST, "method");
    }
  }

  /** Goes to the session's thread, and on if the session is still on polling there. */
  private void onPolling(EngineSocket socket, PollExchange poll, PollPost.Use use) {
    socket.execute(
        () -> {
          PollingCarrier polling = socket.polling();
          if (polling == null) {
            poll.refuse(EngineError.BAD_REQUEST);
          } else {
            use.with(polling);
          }
        });
  }

  private void upgrade(HttpServerExchange exchange, EngineSocket socket) {
    Upgrades.accept(
        exchange,
        connection -> {
          WebSocket.open(
                  connection,
                  WebSocket.Role.SERVER,
                  limits(socket),
                  opened -> new UpgradeProbe(opened, socket))
              .begin();
        });
  }

  private WebSocket.Limits limits(EngineSocket socket) {
    return new WebSocket.Limits(
        options.pool(),
        socket.terms().maxPayload(),
        (frames, bytes) -> options.metrics().framesIn("client", frames, bytes));
  }

  private void handshake(HttpServerExchange exchange, EngineRequest request) {
    if (request.eio().filter(REVISION::equals).isEmpty()) {
      refuse(exchange, EngineError.UNSUPPORTED_VERSION, "revision");
    } else if (!isGet(exchange)) {
      refuse(exchange, EngineError.BAD_HANDSHAKE_METHOD, "method");
    } else {
      Optional<Application.Terms> terms = application.terms(exchange);
      if (terms.isEmpty()) {
        refuse(exchange, EngineError.UNAVAILABLE, "no-upstream");
        return;
      }
      Optional<String> refusal = application.admit(exchange);
      if (refusal.isPresent()) {
        refuse(exchange, EngineError.UNAVAILABLE, refusal.get());
        return;
      }
      open(exchange, request, terms.get());
    }
  }

  private void open(HttpServerExchange exchange, EngineRequest request, Application.Terms terms) {
    EngineSocket socket =
        new EngineSocket(
            sockets.newSid(),
            terms,
            options,
            sockets,
            exchange.getIoThread(),
            Forwarding.isVouched(exchange));
    // Known before the client hears of it: its next request may be faster than we are.
    sockets.opened(socket);
    Hop.Receiver above = application.opened(socket, exchange, request);
    if (request.isWebSocket()) {
      String packet = openPacket(socket, false);
      Upgrades.accept(exchange, connection -> openWebSocket(connection, socket, above, packet));
    } else {
      PollExchange poll = new PollExchange(exchange);
      exchange.dispatch(
          SameThreadExecutor.INSTANCE,
          () -> {
            socket.open(new PollingCarrier(socket).carrier(), above);
            poll.text(openPacket(socket, true));
          });
    }
  }

  private void openWebSocket(
      StreamConnection connection, EngineSocket socket, Hop.Receiver above, String packet) {
    WebSocketReceiver receiver =
        WebSocket.open(
            connection,
            WebSocket.Role.SERVER,
            limits(socket),
            opened -> new WebSocketReceiver(opened, socket));
    receiver.socket().send(Frames.text(packet));
    socket.open(receiver.carrier(), above);
    receiver.socket().start(NOTHING);
  }

  private String openPacket(EngineSocket socket, boolean upgradable) {
    Application.Terms terms = socket.terms();
    return new OpenPacket(
            socket.sid(), upgradable, terms.pingInterval(), terms.pingTimeout(), terms.maxPayload())
        .encode();
  }

  private void refuse(HttpServerExchange exchange, EngineError error, String reason) {
    options.metrics().refused(reason);
    LOG.info("refused a client: {} ({})", error.message(), reason);
    HeaderMap headers = exchange.getResponseHeaders();
    exchange.setStatusCode(error.status());
    if (error == EngineError.UNAVAILABLE) {
      headers.put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    boolean plain = Upgrades.isUpgrade(exchange);
    if (plain) {
      // As the reference server: what a client sends behind a refused upgrade is no request.
      exchange.setPersistent(false);
    }
    headers.put(Headers.CONTENT_TYPE, plain ? "text/plain" : "application/json");
    exchange
        .getResponseSender()
        .send(plain ? error.message() : error.json(), StandardCharsets.US_ASCII);
  }
}

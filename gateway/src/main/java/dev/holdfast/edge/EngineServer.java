package dev.holdfast.edge;

import dev.holdfast.protocol.EngineError;
import dev.holdfast.protocol.OpenPacket;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.ByteConnection;
import dev.holdfast.wire.WebSocket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Engine.IO 4 server: handshakes, polling requests and upgrades; every refusal as the reference
 * server words it. Thread-safe.
 *
 * @see <a href="https://socket.io/docs/v4/engine-io-protocol/">Engine.IO protocol</a>
 */
public final class EngineServer {
  private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);
  private static final String REVISION = "4";
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EngineOptions options;
  private final Sockets sockets;
  private final Application application;

  /**
   * A server with no session yet.
   *
   * @param secrets makes the sids, by which other nodes know this one
   */
  public EngineServer(EngineOptions options, Application application, Secrets secrets) {
    this.options = options;
    this.sockets = new Sockets(secrets);
    this.application = application;
  }

  /** The sessions that are open. */
  public Sockets sockets() {
    return sockets;
  }

  /** Answers a request. */
  public void handle(EngineExchange exchange) {
    EngineRequest request = exchange.request();
    if (request.sid().isPresent() && isElsewhere(exchange, request.sid().get())) {
      return;
    }
    if (!request.isPolling() && !request.isWebSocket()) {
      refuse(exchange, EngineError.TRANSPORT_UNKNOWN, "transport");
    } else if (request.jsonp()) {
      refuse(exchange, EngineError.BAD_REQUEST, "jsonp");
    } else if (request.isWebSocket() && !exchange.isUpgrade()) {
      refuse(exchange, EngineError.BAD_REQUEST, "no-upgrade");
    } else if (request.sid().isPresent()) {
      existing(exchange, request.sid().get());
    } else {
      handshake(exchange);
    }
  }

  /** What another node has sent on is looked for here and nowhere else. */
  private boolean isElsewhere(EngineExchange exchange, String sid) {
    if (exchange.isFromNode()) {
      return false;
    }
    // They would be cut soon, and keep the node from its end; load balancers ask another one.
    boolean lasts =
        exchange.request().isWebSocket()
            ? application.isDraining()
            : exchange.isGet() && application.isClosing();
    if (lasts && sockets.find(sid).isEmpty()) {
      refuse(exchange, EngineError.UNAVAILABLE, "draining");
      return true;
    }
    return exchange.sendOn(sid);
  }

  private void existing(EngineExchange exchange, String sid) {
    Optional<EngineSocket> found = sockets.find(sid);
    if (found.isEmpty()) {
      over(exchange, sid);
    } else if (exchange.request().isWebSocket()) {
      upgrade(exchange, found.get());
    } else {
      poll(exchange, found.get());
    }
  }

  private void over(EngineExchange exchange, String sid) {
    Optional<byte[]> last =
        exchange.request().isPolling() && exchange.isGet()
            ? sockets.takeClosing(sid)
            : Optional.empty();
    if (last.isPresent()) {
      exchange.payload(ByteBuffer.wrap(last.get()));
    } else {
      refuse(exchange, EngineError.SESSION_UNKNOWN, "sid");
    }
  }

  private void poll(EngineExchange exchange, EngineSocket socket) {
    if (exchange.isGet()) {
      onPolling(socket, exchange, polling -> polling.get(exchange));
    } else if (!exchange.isPost()) {
      refuse(exchange, EngineError.BAD_REQUEST, "method");
    } else if (exchange.isOctetStream()) {
      // Binary bodies belong to older revisions.
      exchange.refuse(EngineError.BAD_REQUEST);
      onPolling(socket, exchange, polling -> polling.postFailed(CloseReason.PROTOCOL_ERROR));
    } else {
      onPolling(socket, exchange, polling -> post(exchange, socket, polling));
    }
  }

  private void post(EngineExchange exchange, EngineSocket socket, PollingCarrier begun) {
    if (!begun.beginPost(exchange)) {
      return;
    }
    exchange.receive(
        socket.terms().maxPayload(),
        new EngineExchange.Body() {
          @Override
          public void received(byte[] bytes, Runnable release) {
            // What the session keeps of it is counted there.
            socket.execute(release);
            onPolling(socket, exchange, polling -> polling.post(bytes, exchange));
          }

          @Override
          public void tooLarge() {
            failed(CloseReason.MESSAGE_TOO_BIG);
          }

          @Override
          public void failed() {
            failed(CloseReason.CLIENT_LOST);
          }

          private void failed(CloseReason reason) {
            onPolling(socket, exchange, polling -> polling.postFailed(reason));
          }
        });
  }

  /** Goes to the session's thread, and on if the session is still on polling there. */
  private static void onPolling(
      EngineSocket socket, EngineExchange exchange, Consumer<PollingCarrier> use) {
    socket.execute(
        () -> {
          PollingCarrier polling = socket.polling();
          if (polling == null) {
            exchange.refuse(EngineError.BAD_REQUEST);
          } else {
            use.accept(polling);
          }
        });
  }

  private void upgrade(EngineExchange exchange, EngineSocket socket) {
    exchange.upgrade(
        connection ->
            WebSocket.open(
                    connection,
                    WebSocket.Role.SERVER,
                    limits(socket),
                    opened -> new UpgradeProbe(opened, socket))
                .begin());
  }

  private WebSocket.Limits limits(EngineSocket socket) {
    return new WebSocket.Limits(
        options.pool(),
        socket.terms().maxPayload(),
        (frames, bytes) -> options.metrics().framesIn("client", frames, bytes));
  }

  private void handshake(EngineExchange exchange) {
    if (exchange.request().eio().filter(REVISION::equals).isEmpty()) {
      refuse(exchange, EngineError.UNSUPPORTED_VERSION, "revision");
    } else if (!exchange.isGet()) {
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
      open(exchange, terms.get());
    }
  }

  private void open(EngineExchange exchange, Application.Terms terms) {
    EngineSocket socket =
        new EngineSocket(
            sockets.newSid(), terms, options, sockets, exchange.loop(), exchange.isFromNode());
    // Registered before the client gets its sid: the next request may follow at once.
    sockets.opened(socket);
    application.opened(socket, exchange, exchange.request());
    if (exchange.request().isWebSocket()) {
      String packet = openPacket(socket, false);
      exchange.upgrade(connection -> openWebSocket(connection, socket, packet));
    } else {
      socket.open(new PollingCarrier(socket).carrier());
      exchange.text(openPacket(socket, true));
    }
  }

  private void openWebSocket(ByteConnection connection, EngineSocket socket, String packet) {
    WebSocketReceiver receiver =
        WebSocket.open(
            connection,
            WebSocket.Role.SERVER,
            limits(socket),
            opened -> new WebSocketReceiver(opened, socket));
    receiver.socket().send(Frames.text(packet));
    socket.open(receiver.carrier());
    receiver.socket().start(NOTHING);
  }

  private static String openPacket(EngineSocket socket, boolean upgradable) {
    Application.Terms terms = socket.terms();
    return new OpenPacket(
            socket.sid(), upgradable, terms.pingInterval(), terms.pingTimeout(), terms.maxPayload())
        .encode();
  }

  private void refuse(EngineExchange exchange, EngineError error, String reason) {
    options.metrics().refused(reason);
    LOG.info("refused a client: {} ({})", error.message(), reason);
    exchange.refuse(error);
  }
}

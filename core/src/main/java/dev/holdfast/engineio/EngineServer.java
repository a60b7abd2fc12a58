package dev.holdfast.engineio;

import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.http1.RefusalLines;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.protocol.OpenPacket;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.wire.ByteConnection;
import dev.holdfast.wire.WebSocket;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The Engine.IO 4 server: handshakes, polling requests and upgrades. Refuses requests with the
 * reference server's errors and an explanation for people. Thread-safe.
 *
 * @see <a href="https://socket.io/docs/v4/engine-io-protocol/">Engine.IO protocol</a>
 */
public final class EngineServer {
  private static final String REVISION = "4";
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EngineOptions options;
  private final Sockets sockets;
  private final Application application;
  private final RefusalLines refusals;

  /**
   * Creates a server without sessions.
   *
   * @param secrets generates the sids, which name this node to other nodes
   */
  public EngineServer(EngineOptions options, Application application, RandomIds secrets) {
    this.options = options;
    this.sockets = new Sockets(secrets);
    this.application = application;
    this.refusals = new RefusalLines(options.listener()::refused, SteadyClock::nanoTime);
  }

  /** Counts and logs a refused request; see {@link RefusalLines}. */
  void refused(ForwardedClient client, String reason, String sentence) {
    refusals.refused(client.peer(), client.address(), reason, sentence);
  }

  EngineListener listener() {
    return options.listener();
  }

  /** Returns the open sessions. */
  public Sockets sockets() {
    return sockets;
  }

  /** Handles a request. */
  public void handle(EngineExchange exchange) {
    EngineRequest request = exchange.request();
    if (request.sid().isPresent() && isElsewhere(exchange, request.sid().get())) {
      return;
    }
    if (!request.isPolling() && !request.isWebSocket()) {
      refuse(
          exchange,
          EngineError.TRANSPORT_UNKNOWN,
          "transport",
          "transport is " + shown(request.transport()) + ", expected polling or websocket");
    } else if (request.jsonp()) {
      refuse(
          exchange,
          EngineError.BAD_REQUEST,
          "jsonp",
          "the parameter j asks for JSONP, expected a client of Socket.IO 3 or newer");
    } else if (request.isWebSocket() && !exchange.isUpgrade()) {
      refuse(exchange, EngineError.BAD_REQUEST, "no-upgrade", noUpgrade(exchange));
    } else if (request.sid().isPresent()) {
      existing(exchange, request.sid().get());
    } else {
      handshake(exchange);
    }
  }

  /**
   * Forwards or refuses a request for a session of another node; returns whether it did. A request
   * from another node is never forwarded again.
   */
  private boolean isElsewhere(EngineExchange exchange, String sid) {
    if (exchange.isFromNode()) {
      return false;
    }
    // These requests are long-lived: this node would cut them soon, or they would delay its exit.
    // Load balancers retry them on another node.
    boolean lasts =
        exchange.request().isWebSocket()
            ? application.isDraining()
            : exchange.isGet() && application.isClosing();
    if (lasts && sockets.find(sid).isEmpty()) {
      Admission.Refusal why = Admission.Refusal.DRAINING;
      refuse(exchange, EngineError.UNAVAILABLE, why.label(), why.sentence());
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
      refuse(
          exchange,
          EngineError.SESSION_UNKNOWN,
          "sid",
          "sid names no session: it has ended, or its node is gone");
    }
  }

  private void poll(EngineExchange exchange, EngineSocket socket) {
    if (exchange.isGet()) {
      onPolling(socket, exchange, polling -> polling.get(exchange));
    } else if (!exchange.isPost()) {
      refuse(
          exchange,
          EngineError.BAD_REQUEST,
          "method",
          "the method of a polling request is another one, expected GET or POST");
    } else if (exchange.isOctetStream()) {
      // Binary bodies exist only in older revisions.
      exchange.refuse(EngineError.BAD_REQUEST);
      onPolling(socket, exchange, polling -> polling.postFailed(CloseReason.PROTOCOL_ERROR));
    } else {
      Peer peer = application.peer(exchange);
      onPolling(socket, exchange, polling -> post(exchange, socket, polling, peer));
    }
  }

  private void post(EngineExchange exchange, EngineSocket socket, PollingCarrier begun, Peer peer) {
    if (!begun.beginPost(exchange)) {
      return;
    }
    exchange.receive(
        socket.terms().maxPayload(),
        peer,
        new EngineExchange.Body() {
          @Override
          public void received(byte[] bytes, Runnable release) {
            // The session accounts for the bytes that it retains.
            run(socket, release, release);
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

  /**
   * Runs {@code use} on the session's thread if the session is still on polling. An exception there
   * ends the session, and its request is still answered.
   */
  private static void onPolling(
      EngineSocket socket, EngineExchange exchange, Consumer<PollingCarrier> use) {
    run(
        socket,
        () -> {
          PollingCarrier polling = socket.polling();
          if (polling == null) {
            exchange.refuse(EngineError.BAD_REQUEST);
          } else {
            use.accept(polling);
          }
        },
        () -> exchange.refuse(EngineError.SESSION_UNKNOWN));
  }

  /** Runs a task on the session's thread; runs {@code otherwise} there if it throws. */
  private static void run(EngineSocket socket, Runnable task, Runnable otherwise) {
    Runnable entry =
        () -> {
          if (!socket.boundary().run(task)) {
            otherwise.run();
          }
        };
    if (socket.loop().inEventLoop()) {
      entry.run();
    } else {
      socket.loop().execute(entry);
    }
  }

  private void upgrade(EngineExchange exchange, EngineSocket socket) {
    exchange.upgrade(
        connection ->
            WebSocket.open(
                    connection,
                    WebSocket.Role.SERVER,
                    limits(socket),
                    opened -> new UpgradeProbe(opened, socket))
                .begin(),
        () -> {});
  }

  private WebSocket.Limits limits(EngineSocket socket) {
    return new WebSocket.Limits(
        options.pool(), socket.terms().maxPayload(), options.listener()::framesReceived);
  }

  private void handshake(EngineExchange exchange) {
    if (exchange.request().eio().filter(REVISION::equals).isEmpty()) {
      refuse(
          exchange,
          EngineError.UNSUPPORTED_VERSION,
          "revision",
          "EIO is " + shown(exchange.request().eio()) + ", expected 4 (Socket.IO 3 or newer)");
    } else if (!exchange.isGet()) {
      refuse(
          exchange,
          EngineError.BAD_HANDSHAKE_METHOD,
          "method",
          "the method of a handshake is another one, expected GET");
    } else {
      admit(exchange);
    }
  }

  private void admit(EngineExchange exchange) {
    Optional<Application.Terms> terms = application.terms(exchange);
    if (terms.isEmpty()) {
      refuse(
          exchange,
          EngineError.UNAVAILABLE,
          "no-upstream",
          "no upstream is healthy, expected one of those in upstreams");
      return;
    }
    Admission.Entry entry = application.admit(exchange);
    if (entry instanceof Admission.Place place) {
      open(exchange, terms.get(), place);
    } else if (entry instanceof Admission.Refused refused) {
      Admission.Refusal why = refused.why();
      refuse(exchange, EngineError.UNAVAILABLE, why.label(), why.sentence());
    }
  }

  private void open(EngineExchange exchange, Application.Terms terms, Admission.Place place) {
    EngineSocket socket =
        new EngineSocket(
            sockets.newSid(), terms, options, sockets, exchange.loop(), exchange.isFromNode());
    endedIfThrown(socket, () -> begin(exchange, socket, place));
  }

  private void begin(EngineExchange exchange, EngineSocket socket, Admission.Place place) {
    // Register before the client gets its sid: its next request may follow at once.
    sockets.opened(socket);
    application.opened(socket, exchange, exchange.request(), place);
    if (exchange.request().isWebSocket()) {
      String packet = openPacket(socket, false);
      exchange.upgrade(
          connection -> endedIfThrown(socket, () -> openWebSocket(connection, socket, packet)),
          () -> socket.fail(CloseReason.INTERNAL));
    } else {
      socket.open(new PollingCarrier(socket).carrier());
      exchange.text(openPacket(socket, true));
    }
  }

  /**
   * Runs a step and ends the session if it throws. The exception also ends the request, whose
   * boundary does not know the session.
   */
  private static void endedIfThrown(EngineSocket socket, Runnable step) {
    boolean done = false;
    try {
      step.run();
      done = true;
    } finally {
      if (!done) {
        socket.fail(CloseReason.INTERNAL);
      }
    }
  }

  private void openWebSocket(ByteConnection connection, EngineSocket socket, String packet) {
    DirectWebSocketListener listener =
        WebSocket.open(
            connection,
            WebSocket.Role.SERVER,
            limits(socket),
            opened -> new DirectWebSocketListener(opened, socket));
    listener.socket().send(EngineFrames.text(packet));
    socket.open(listener.carrier());
    listener.socket().start(NOTHING);
  }

  private static String openPacket(EngineSocket socket, boolean upgradable) {
    Application.Terms terms = socket.terms();
    return new OpenPacket(
            socket.sid(), upgradable, terms.pingInterval(), terms.pingTimeout(), terms.maxPayload())
        .encode();
  }

  private void refuse(EngineExchange exchange, EngineError error, String reason, String sentence) {
    refused(exchange.client(), reason, sentence);
    // An unknown sid is normal after a restart, so it gets only the reference server's error.
    exchange.refuse(error, error == EngineError.SESSION_UNKNOWN ? "" : sentence);
  }

  private static String noUpgrade(EngineExchange exchange) {
    return "transport is websocket, but Upgrade is "
        + shown(first(exchange, Headers.UPGRADE))
        + " and Connection "
        + shown(first(exchange, Headers.CONNECTION))
        + ", expected websocket and Upgrade in a GET of HTTP/1.1 (RFC 6455): a proxy in front has to"
        + " pass both on";
  }

  private static Optional<String> first(EngineExchange exchange, HttpString name) {
    return Optional.ofNullable(exchange.headers().getFirst(name));
  }

  private static String shown(Optional<String> value) {
    return value.map(RefusalLines::shown).orElse("absent");
  }
}

package dev.holdfast.upstream;

import dev.holdfast.FreePort;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What health checks and links meet at Open WebUI, with faults to be switched on. Thread-safe. */
final class StandInOpenWebUi implements Closeable {
  static final String OPEN =
      "0{\"sid\":\"x\",\"upgrades\":[],\"pingTimeout\":20000,\"pingInterval\":25000,\"maxPayload\":16777216}";

  volatile int health = 200;
  volatile boolean silent;
  volatile boolean websockets = true;
  volatile boolean pollingInstead;
  volatile boolean config = true;
  volatile boolean configSilent;
  volatile String heartbeat = "";
  volatile String open = OPEN;

  /** The only Host that its page is served under; empty for any. */
  volatile String servedHost = "";

  volatile Runnable onCheck = () -> {};
  final AtomicInteger checks = new AtomicInteger();
  final AtomicInteger handshakes = new AtomicInteger();
  final BlockingQueue<String> connectionHeaders = new LinkedBlockingQueue<>();
  final BlockingQueue<Integer> closeCodes = new LinkedBlockingQueue<>();

  private final Undertow server;
  private final HttpHandler webSocket = Handlers.websocket((exchange, channel) -> opened(channel));
  private final URI uri;

  private StandInOpenWebUi(int port, @Nullable SSLContext tls) {
    Undertow.Builder builder = Undertow.builder().setIoThreads(1).setWorkerThreads(2);
    if (tls == null) {
      builder.addHttpListener(port, "127.0.0.1");
    } else {
      builder.addHttpsListener(port, "127.0.0.1", tls);
    }
    server = builder.setHandler(this::handle).build();
    server.start();
    var address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    uri = URI.create((tls == null ? "http" : "https") + "://localhost:" + address.getPort());
  }

  static StandInOpenWebUi start() {
    return new StandInOpenWebUi(FreePort.find(), null);
  }

  static StandInOpenWebUi startAgain(URI where) {
    return new StandInOpenWebUi(where.getPort(), null);
  }

  static StandInOpenWebUi start(SSLContext tls) {
    return new StandInOpenWebUi(0, tls);
  }

  /** Where it is, or was. */
  URI uri() {
    return uri;
  }

  @Override
  public void close() {
    server.stop();
  }

  private void handle(HttpServerExchange exchange) throws Exception {
    switch (exchange.getRequestPath()) {
      case "/" -> page(exchange);
      case "/health" -> health(exchange);
      case "/api/version" -> json(exchange, "{\"version\":\"0.12.4\"}");
      case "/api/config" -> config(exchange);
      case "/ws/socket.io/" -> engineIo(exchange);
      default -> exchange.setStatusCode(404);
    }
  }

  private void page(HttpServerExchange exchange) {
    boolean served = servedHost.isEmpty() || servedHost.equals(exchange.getHostName());
    exchange.setStatusCode(served ? 200 : 404);
  }

  private void health(HttpServerExchange exchange) {
    onCheck.run();
    checks.incrementAndGet();
    if (silent) {
      exchange.dispatch(() -> {});
      return;
    }
    exchange.setStatusCode(health);
    json(exchange, "{\"status\":true}");
  }

  private void config(HttpServerExchange exchange) {
    if (configSilent) {
      exchange.dispatch(() -> {});
    } else if (config) {
      json(exchange, "{\"features\":{\"enable_websocket\":%b%s}}".formatted(websockets, heartbeat));
    } else {
      exchange.setStatusCode(404);
    }
  }

  private void engineIo(HttpServerExchange exchange) throws Exception {
    if (exchange.getQueryString().equals("EIO=4&transport=websocket") && websockets) {
      handshakes.incrementAndGet();
      connectionHeaders.add(String.join("|", exchange.getRequestHeaders().get(Headers.CONNECTION)));
      webSocket.handleRequest(exchange);
    } else if (exchange.getQueryString().equals("EIO=4&transport=polling") && pollingInstead) {
      exchange.getResponseSender().send(OPEN);
    } else {
      exchange.setStatusCode(403);
    }
  }

  private void opened(WebSocketChannel channel) {
    channel
        .getReceiveSetter()
        .set(
            new AbstractReceiveListener() {
              @Override
              protected void onCloseMessage(CloseMessage message, WebSocketChannel closed) {
                closeCodes.add(message.getCode());
              }
            });
    channel.resumeReceives();
    WebSockets.sendText(open, channel, null);
  }

  private static void json(HttpServerExchange exchange, String body) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(body);
  }
}

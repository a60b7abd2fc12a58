package dev.holdfast.cli.demo;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small server that looks like Open WebUI to a gateway and can be restarted. Thread-safe. */
public final class StandIn implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(StandIn.class);

  private static final String FILES = "dev/holdfast/cli/demo";
  private static final int UNTIL_ANSWERED_MILLIS = 100;
  private static final int AWAY_MILLIS = 3_000;

  private final Streams streams = new Streams();
  private final InetSocketAddress address;
  private @Nullable Undertow server;
  private boolean closed;

  private StandIn() {
    Undertow first = listen(0);
    server = first;
    address = (InetSocketAddress) first.getListenerInfo().get(0).getAddress();
  }

  /** Starts to listen on a free port of the loopback address. */
  public static StandIn start() throws IOException {
    try {
      return new StandIn();
    } catch (RuntimeException e) {
      throw new IOException("the stand-in cannot listen: " + e.getMessage(), e);
    }
  }

  private Undertow listen(int port) {
    Undertow started =
        Undertow.builder()
            .addHttpListener(port, "127.0.0.1", routes())
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
            .setIoThreads(1)
            .setWorkerThreads(1)
            .build();
    started.start();
    return started;
  }

  private HttpHandler routes() {
    HttpHandler files =
        Handlers.resource(new ClassPathResourceManager(StandIn.class.getClassLoader(), FILES))
            .setWelcomeFiles("index.html");
    return Handlers.path(files)
        .addExactPath("/health", json("{\"status\":true}"))
        .addExactPath("/api/version", json("{\"version\":\"demo\"}"))
        .addExactPath(
            "/api/config", json("{\"status\":true,\"features\":{\"enable_websocket\":true}}"))
        .addExactPath("/api/upload", new Upload())
        .addExactPath("/api/restart", this::restart)
        .addPrefixPath(
            "/ws/socket.io",
            Handlers.websocket((exchange, channel) -> Conversation.begin(channel, streams)));
  }

  private static HttpHandler json(String body) {
    return exchange -> {
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange.getResponseSender().send(body);
    };
  }

  private void restart(HttpServerExchange exchange) {
    if (!exchange.getRequestMethod().equals(Methods.POST)) {
      exchange.setStatusCode(StatusCodes.METHOD_NOT_ALLOWED);
      return;
    }
    exchange.setStatusCode(StatusCodes.ACCEPTED);
    streams.later(this::stop, UNTIL_ANSWERED_MILLIS);
  }

  /** Closes all connections and starts again after a while. */
  private synchronized void stop() {
    if (server != null) {
      server.stop();
      server = null;
      streams.suspend();
      streams.later(this::startAgain, AWAY_MILLIS);
    }
  }

  private synchronized void startAgain() {
    if (closed) {
      return;
    }
    try {
      server = listen(address.getPort());
    } catch (RuntimeException e) {
      LOG.warn("the stand-in cannot listen again: {}", e.getMessage());
      streams.later(this::startAgain, AWAY_MILLIS);
    }
  }

  /** Returns the address it listens on. */
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public synchronized void close() {
    closed = true;
    streams.close();
    if (server != null) {
      server.stop();
      server = null;
    }
  }
}

package dev.holdfast.cli.demo;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.util.Headers;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A small server that looks like Open WebUI to a gateway. Thread-safe. */
public final class StandIn implements Closeable {
  private static final String FILES = "dev/holdfast/cli/demo";

  private final Undertow server;

  private StandIn(Undertow server) {
    this.server = server;
  }

  /** Listens on a free port of the loopback address. */
  public static StandIn start() throws IOException {
    Undertow server =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1", routes())
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
            .setIoThreads(1)
            .setWorkerThreads(1)
            .build();
    try {
      server.start();
    } catch (RuntimeException e) {
      throw new IOException("the stand-in cannot listen: " + e.getMessage(), e);
    }
    return new StandIn(server);
  }

  private static HttpHandler routes() {
    HttpHandler files =
        Handlers.resource(new ClassPathResourceManager(StandIn.class.getClassLoader(), FILES))
            .setWelcomeFiles("index.html");
    return Handlers.path(files)
        .addExactPath("/health", json("{\"status\":true}"))
        .addExactPath("/api/version", json("{\"version\":\"demo\"}"))
        .addExactPath(
            "/api/config", json("{\"status\":true,\"features\":{\"enable_websocket\":true}}"))
        .addExactPath("/api/upload", new Upload())
        .addPrefixPath("/ws/socket.io", Handlers.websocket(Conversation::begin));
  }

  private static HttpHandler json(String body) {
    return exchange -> {
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange.getResponseSender().send(body);
    };
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
  }

  @Override
  public void close() {
    server.stop();
  }
}

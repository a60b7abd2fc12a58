package dev.holdfast.engineio;

import dev.holdfast.http1.ForwardedClients;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Engine.IO layer with an echo of every message in place of sessions, for conformance tests.
 */
public final class EngineEcho implements Closeable {
  private static final Application.Terms TERMS =
      new Application.Terms(Duration.ofMillis(300), Duration.ofMillis(200), 1_000_000);

  private final EngineServer engineServer;
  private final EngineHandler engine;
  private final BufferPool pool = new BufferPool(64L * 1024 * 1024);
  private final Undertow server;

  private EngineEcho(int port, Application.Terms terms) {
    EngineOptions options =
        new EngineOptions(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            1000,
            terms.maxPayload(),
            Duration.ofSeconds(30),
            pool,
            new EngineListener() {});
    engineServer = new EngineServer(options, new Echoes(terms), new RandomIds("echo."));
    engine =
        new EngineHandler(
            new EngineHandler.Context(
                "/engine.io/",
                new EngineHandler.Bodies(
                    Duration.ofSeconds(30), 1 << 20, Duration.ofSeconds(5), TestQuotas.plenty()),
                exchange -> ForwardedClients.at("127.0.0.1"),
                exchange -> Optional.empty(),
                OtherNodes.none(),
                new HandshakeObserver() {}),
            engineServer);
    server =
        Undertow.builder()
            .addHttpListener(port, "127.0.0.1", this::serve)
            .setIoThreads(2)
            .setServerOption(UndertowOptions.DECODE_URL, false)
            .build();
  }

  /** Runs until the process is ended; the argument is the port. */
  public static void main(String[] arguments) {
    EngineEcho echo = start(Integer.parseInt(arguments[0]), TERMS);
    System.out.println("listening on " + echo.port());
  }

  /** A server on this port, or a free one for 0. */
  static EngineEcho start(int port, Application.Terms terms) {
    EngineEcho echo = new EngineEcho(port, terms);
    echo.server.start();
    return echo;
  }

  private void serve(HttpServerExchange exchange) {
    if (engine.isFor(exchange)) {
      engine.handleRequest(exchange);
    } else {
      exchange.setStatusCode(404).endExchange();
    }
  }

  int port() {
    return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
  }

  long bufferBytes() {
    return pool.taken();
  }

  int sessions() {
    return engineServer.sockets().size();
  }

  @Override
  public void close() {
    server.stop();
  }

  private record Echoes(Terms terms) implements Application {
    @Override
    public Optional<Terms> terms(Handshake handshake) {
      return Optional.of(terms);
    }

    @Override
    public Admission.Entry admit(Handshake handshake) {
      return new Admission.Place(Optional.empty());
    }

    @Override
    public void opened(
        EngineSocket socket, Handshake handshake, EngineRequest request, Admission.Place place) {
      new Echo().own(socket);
    }
  }

  /** Sends back what came, as one run; what the socket does not take waits for it. */
  private static final class Echo implements EngineConnection.Listener {
    private static final int MAX_WAITING = 4_000_000;

    private @Nullable EngineConnection socket;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private boolean paused;

    private void own(EngineSocket client) {
      socket = client.ownedBy(this);
    }

    @Override
    public void message(Message message) {
      byte[] payload = message.bytes(0);
      ByteBuffer header = ByteBuffer.allocate(FrameHeader.MAX_BYTES);
      FrameHeader.write(header, message.text() ? Opcode.TEXT : Opcode.BINARY, payload.length);
      waiting.write(header.array(), 0, header.position());
      waiting.write(payload, 0, payload.length);
    }

    private EngineConnection connection() {
      return Objects.requireNonNull(socket);
    }

    @Override
    public void batchEnd() {
      writable();
      if (!paused && waiting.size() > MAX_WAITING) {
        paused = true;
        connection().pauseReads(PauseReason.SLOW_PEER);
      }
    }

    @Override
    public void writable() {
      if (waiting.size() > 0 && connection().send(ByteBuffer.wrap(waiting.toByteArray()))) {
        waiting.reset();
      }
      if (paused && waiting.size() == 0) {
        paused = false;
        connection().resumeReads(PauseReason.SLOW_PEER);
      }
    }

    @Override
    public void acknowledged(long bytes) {}

    @Override
    public void closed(CloseReason reason) {
      waiting.reset();
    }
  }
}

package dev.holdfast;

import dev.holdfast.engineio.Admission;
import dev.holdfast.engineio.Application;
import dev.holdfast.engineio.EngineHandler;
import dev.holdfast.engineio.EngineListener;
import dev.holdfast.engineio.EngineOptions;
import dev.holdfast.engineio.EngineRequest;
import dev.holdfast.engineio.EngineServer;
import dev.holdfast.engineio.EngineSocket;
import dev.holdfast.engineio.Handshake;
import dev.holdfast.engineio.HandshakeObserver;
import dev.holdfast.engineio.OtherNodes;
import dev.holdfast.engineio.RandomIds;
import dev.holdfast.http1.ForwardedClients;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.time.EventLoop;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import java.io.Closeable;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An upstream on a real port: our own Engine.IO server, which answers CONNECT, echoes every event,
 * answers {@code 42["flood",n]} with n events of 1 KiB, and {@code 42["bye"]} with DISCONNECT and
 * the end of the connection. Other requests get 200, or the {@code status} of their query.
 */
public final class EchoUpstream implements Application, Closeable {
  private static final int EVENT_BYTES = 1024;
  private static final String STATUS = "{\"status\":true}";

  /** No two of them give the same. */
  private static final AtomicInteger SIDS = new AtomicInteger();

  private final Set<Echo> open = ConcurrentHashMap.newKeySet();
  private final Undertow server;
  private volatile String configuration = STATUS;

  /** On a free port. */
  public EchoUpstream() {
    this(0);
  }

  /** On this port. */
  EchoUpstream(int port) {
    EngineOptions options =
        new EngineOptions(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            100,
            1 << 20,
            Duration.ofSeconds(30),
            new BufferPool(1 << 28),
            new EngineListener() {});
    EngineHandler engine =
        new EngineHandler(
            new EngineHandler.Context(
                "/ws/socket.io/",
                new EngineHandler.Bodies(
                    Duration.ofSeconds(30), 1 << 20, Duration.ofSeconds(5), TestQuotas.plenty()),
                exchange -> ForwardedClients.at("127.0.0.1"),
                exchange -> Optional.empty(),
                OtherNodes.none(),
                new HandshakeObserver() {}),
            new EngineServer(options, this, new RandomIds("echo.")));
    server =
        Undertow.builder()
            .addHttpListener(port, "127.0.0.1")
            .setIoThreads(1)
            .setHandler(
                exchange -> {
                  if (engine.isFor(exchange)) {
                    engine.handleRequest(exchange);
                  } else {
                    answer(exchange);
                  }
                })
            .build();
    server.start();
  }

  /** As Open WebUI, when it has read the body; with the status that is asked for. */
  private void answer(HttpServerExchange exchange) {
    var status = exchange.getQueryParameters().get("status");
    exchange.setStatusCode(status == null ? 200 : Integer.parseInt(status.getFirst()));
    exchange
        .getRequestReceiver()
        .receiveFullBytes((read, body) -> read.getResponseSender().send(text(exchange)));
  }

  private String text(HttpServerExchange exchange) {
    return exchange.getRequestPath().equals("/api/config") ? configuration : STATUS;
  }

  /** It answers {@code /api/config} so from now on; at first as anything else. */
  void configuration(String json) {
    configuration = json;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + address().getPort());
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
  }

  @Override
  public Optional<Terms> terms(Handshake handshake) {
    return Optional.of(new Terms(Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000));
  }

  @Override
  public Admission.Entry admit(Handshake handshake) {
    return new Admission.Place(Optional.empty());
  }

  @Override
  public void opened(
      EngineSocket socket, Handshake handshake, EngineRequest request, Admission.Place place) {
    open.add(new Echo(socket));
  }

  /** Connections that are open. */
  int connections() {
    return open.size();
  }

  /** Sends a packet to everybody. */
  void emit(String packet) {
    open.forEach(echo -> echo.loop.execute(() -> echo.emit(packet)));
  }

  @Override
  public void close() {
    server.stop();
  }

  private final class Echo implements EngineConnection.Listener {
    private final EventLoop loop;
    private final EngineConnection socket;
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private boolean connected;

    private Echo(EngineSocket socket) {
      this.loop = socket.loop();
      this.socket = socket.ownedBy(this);
    }

    @Override
    public void message(Message message) {
      byte[] payload = message.bytes(0);
      String text = message.text() ? new String(payload, StandardCharsets.UTF_8) : "";
      if (text.startsWith("40")) {
        connected = true;
        say("40{\"sid\":\"upstream-" + SIDS.incrementAndGet() + "\"}");
      } else if (text.startsWith("42[\"flood\",")) {
        int count = Integer.parseInt(text.substring(11, text.length() - 1));
        for (int i = 0; i < count; i++) {
          say("42[\"" + "x".repeat(EVENT_BYTES) + "\"]");
        }
      } else if (text.equals("42[\"bye\"]")) {
        say("41");
        writable();
        socket.close(CloseReason.UPSTREAM_CLOSED);
      } else {
        waiting.add(frame(message.text() ? Opcode.TEXT : Opcode.BINARY, payload));
      }
    }

    private void emit(String packet) {
      if (connected) {
        say(packet);
        writable();
      }
    }

    private void say(String packet) {
      waiting.add(frame(Opcode.TEXT, packet.getBytes(StandardCharsets.UTF_8)));
    }

    private static ByteBuffer frame(int opcode, byte[] payload) {
      ByteBuffer frame = ByteBuffer.allocate(FrameHeader.bytes(payload.length) + payload.length);
      FrameHeader.write(frame, opcode, payload.length);
      return frame.put(payload).flip();
    }

    @Override
    public void batchEnd() {
      writable();
    }

    @Override
    public void writable() {
      while (!waiting.isEmpty() && socket.send(waiting.getFirst())) {
        waiting.removeFirst();
      }
    }

    @Override
    public void acknowledged(long bytes) {}

    @Override
    public void closed(CloseReason reason) {
      open.remove(this);
      waiting.clear();
    }
  }
}

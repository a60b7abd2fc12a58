package dev.holdfast.simulation;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.wire.Receiver;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One Engine.IO session of a browser, as engine.io-client 6.5 has it. */
final class EngineClient {
  private static final BufferPool POOL = new BufferPool(1L << 30);
  private static final char SEPARATOR = 0x1e;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

  /** What the layer above hears. */
  interface Listener {
    void opened();

    void text(String packet);

    void binary(byte[] attachment);

    void closed(String why);
  }

  /** How it connects. */
  enum Transport {
    WEBSOCKET,
    POLLING,
    UPGRADE
  }

  /** A packet that waits to be sent; {@code sent} is told how it is known to have been taken. */
  record Outgoing(String text, boolean binary, Sent sent) {}

  /** Is told how one can know that a node has taken a packet. */
  interface Sent {
    void by(Page.Taken taken);
  }

  private final Browser browser;
  private final World world;
  private final Transport transport;
  private final Listener listener;
  private final Deque<Outgoing> writeBuffer = new ArrayDeque<>();
  private final List<Request> requests = new ArrayList<>();
  private String sid = "";
  private @Nullable Wire wire;
  private boolean onWire;
  private boolean upgrading;
  private boolean polling;
  private boolean posting;
  private boolean open;
  private boolean closed;
  private long silence;
  private long lastHeard;

  EngineClient(Browser browser, Transport transport, Listener listener) {
    this.browser = browser;
    this.world = browser.world();
    this.transport = transport;
    this.listener = listener;
    browser.loop().after(Duration.ofSeconds(20), this::openTimeout);
  }

  void start() {
    if (transport == Transport.WEBSOCKET) {
      wire = new Wire("");
    } else {
      polling = true;
      new Request(null).begin();
    }
  }

  private void openTimeout() {
    if (!open) {
      close("timeout");
    }
  }

  boolean isClosed() {
    return closed;
  }

  boolean isOpen() {
    return open && !closed;
  }

  /** The cable that carries it; null while it polls, or is not open. */
  Network.@Nullable Cable cable() {
    return wire == null ? null : wire.cable;
  }

  /** All requests that wait for an answer break, and the WebSocket. */
  void cut(boolean silently) {
    Network.Cable cable = cable();
    if (cable != null) {
      if (silently) {
        browser.network().vanish(cable);
      } else {
        browser.network().reset(cable);
      }
    }
    List.copyOf(requests).forEach(request -> request.cut(silently));
  }

  void write(Outgoing packet) {
    if (!closed) {
      writeBuffer.add(packet);
      flush();
    }
  }

  private void flush() {
    Wire to = wire;
    if (!open || closed || upgrading || writeBuffer.isEmpty()) {
      return;
    }
    if (onWire && to != null) {
      to.flush();
    } else if (!posting) {
      post();
    }
  }

  private void post() {
    posting = true;
    List<Outgoing> batch = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    long most = SimulatedUpstream.ANNOUNCED.maxPayload();
    while (!writeBuffer.isEmpty()
        && (batch.isEmpty() || body.length() + encoded(writeBuffer.peek()).length() < most - 1)) {
      Outgoing next = writeBuffer.remove();
      body.append(batch.isEmpty() ? "" : SEPARATOR).append(encoded(next));
      batch.add(next);
    }
    Request request = new Request(body.toString());
    batch.forEach(each -> each.sent().by(() -> request.taken));
    request.begin();
  }

  private static String encoded(Outgoing packet) {
    byte[] bytes = packet.text().getBytes(StandardCharsets.UTF_8);
    return packet.binary() ? "b" + Base64.getEncoder().encodeToString(bytes) : packet.text();
  }

  private void poll() {
    if (!closed && !onWire && !polling && !upgrading) {
      polling = true;
      new Request(null).begin();
    }
  }

  private boolean pauseIsOver() {
    return !polling && !posting;
  }

  private void packet(String packet) {
    lastHeard = world.now();
    switch (packet.isEmpty() ? '?' : packet.charAt(0)) {
      case '0' -> opened(packet);
      case '1' -> close("server said close");
      case '2' -> write(new Outgoing("3", false, taken -> {}));
      case '4' -> listener.text(packet);
      case '6' -> {
        // Nothing to say.
      }
      default -> throw new Violation("a client was sent " + packet);
    }
  }

  private void opened(String packet) {
    sid = packet.replaceFirst(".*\"sid\":\"([^\"]*)\".*", "$1");
    silence =
        Duration.ofMillis(
                Numbers.after(packet, "\"pingInterval\":")
                    + Numbers.after(packet, "\"pingTimeout\":"))
            .toNanos();
    open = true;
    onWire = transport == Transport.WEBSOCKET;
    watch();
    listener.opened();
    if (transport == Transport.UPGRADE && !closed) {
      wire = new Wire(sid);
    }
    flush();
  }

  private void watch() {
    browser
        .loop()
        .after(
            Duration.ofNanos(lastHeard + silence - world.now()),
            () -> {
              if (closed) {
                return;
              }
              if (world.now() - lastHeard >= silence) {
                close("ping timeout");
              } else {
                watch();
              }
            });
  }

  /** Ends it; a page that leaves says so to the server. */
  void close(String why) {
    if (closed) {
      return;
    }
    closed = true;
    if (wire != null) {
      wire.close();
    }
    List.copyOf(requests).forEach(Request::abandon);
    listener.closed(why);
  }

  /** The page goes: what it has to say goes first. */
  void leave() {
    if (open && !closed && !onWire) {
      write(new Outgoing("1", false, taken -> {}));
      world.after(Duration.ofSeconds(5), () -> close("left"));
    } else {
      close("left");
    }
  }

  private void upgradeStep() {
    if (upgrading && !onWire && pauseIsOver() && wire != null && !closed) {
      wire.sendText("5");
      onWire = true;
      upgrading = false;
      flush();
    }
  }

  /** A polling request. */
  private final class Request implements SimulatedExchange.Answer {
    private final @Nullable String body;
    private @Nullable SimulatedExchange exchange;
    private boolean taken;
    private boolean over;
    private boolean silent;

    Request(@Nullable String body) {
      this.body = body;
    }

    void begin() {
      requests.add(this);
      SimulatedNode node = browser.someNode();
      world.after(browser.latency(), () -> arrive(node));
      browser.loop().after(REQUEST_TIMEOUT, () -> fail());
    }

    private void arrive(SimulatedNode node) {
      if (over || silent) {
        return;
      }
      world.trace().say(world.now(), "http", (body == null ? "GET" : "POST") + " at " + node);
      if (node.isDown()) {
        world.after(browser.latency(), this::fail);
        return;
      }
      exchange = node.handle(new SimulatedExchange.Asked(false, sid, body), browser.asker(), this);
      browser.follows(node, this::nodeDied);
    }

    private void nodeDied() {
      world.after(browser.latency(), this::fail);
    }

    void cut(boolean silently) {
      if (exchange != null && !silently) {
        exchange.abort();
      }
      if (silently) {
        silent = true;
      } else {
        world.after(browser.latency(), this::fail);
      }
    }

    void abandon() {
      if (!over) {
        over = true;
        requests.remove(this);
        if (exchange != null) {
          world.after(browser.latency(), exchange::abort);
        }
      }
    }

    private void fail() {
      if (!over) {
        end();
        if (!closed) {
          close("a request failed");
        }
      }
    }

    private void end() {
      over = true;
      requests.remove(this);
      if (body == null) {
        polling = false;
      } else {
        posting = false;
      }
    }

    @Override
    public void payload(byte[] payload) {
      taken = true;
      world.after(browser.latency(), () -> browser.loop().execute(() -> answered(payload)));
    }

    private void answered(byte[] payload) {
      if (over || silent) {
        return;
      }
      end();
      if (closed) {
        return;
      }
      if (body == null) {
        for (String each :
            new String(payload, StandardCharsets.UTF_8).split(String.valueOf(SEPARATOR), -1)) {
          one(each);
        }
        poll();
      }
      upgradeStep();
      flush();
    }

    private void one(String each) {
      if (closed) {
        return;
      }
      if (each.startsWith("b")) {
        lastHeard = world.now();
        listener.binary(Base64.getDecoder().decode(each.substring(1)));
      } else {
        packet(each);
      }
    }

    @Override
    public void refused(EngineError error) {
      world.after(browser.latency(), () -> browser.loop().execute(this::fail));
    }

    @Override
    public SimulatedConnection upgraded(SimulatedLoop loop) {
      throw new Violation("a polling request was upgraded");
    }
  }

  /** A WebSocket, from its handshake on. */
  private final class Wire implements SimulatedExchange.Answer, Receiver {
    private Network.@Nullable Cable cable;
    private @Nullable WebSocket socket;
    private final Deque<byte[]> frames = new ArrayDeque<>();
    private long queued;
    private boolean over;
    private boolean probed;

    Wire(String session) {
      SimulatedNode node = browser.someNode();
      world.after(browser.latency(), () -> arrive(node, session));
    }

    private void arrive(SimulatedNode node, String session) {
      if (over) {
        return;
      }
      if (node.isDown()) {
        world.after(browser.latency(), this::failed);
        return;
      }
      node.handle(new SimulatedExchange.Asked(true, session, null), browser.asker(), this);
      browser.follows(node, () -> world.after(browser.latency(), this::refusedLate));
    }

    private void refusedLate() {
      if (cable == null) {
        failed();
      }
    }

    private void failed() {
      if (!over) {
        over = true;
        if (onWire || transport == Transport.WEBSOCKET || upgrading) {
          EngineClient.this.close("the WebSocket failed");
        } else if (equals(wire)) {
          // The probe failed; polling goes on.
          wire = null;
        }
      }
    }

    @Override
    public void payload(byte[] payload) {
      throw new Violation("an upgrade was answered with a payload");
    }

    @Override
    public void refused(EngineError error) {
      world.after(browser.latency(), () -> browser.loop().execute(this::failed));
    }

    @Override
    public SimulatedConnection upgraded(SimulatedLoop far) {
      Network.Cable opened =
          browser.network().connect(browser.loop(), far, browser.latency(), browser.window());
      cable = opened;
      opened.down().tap(new FrameTap(false, packet -> {}, this::closedByNode));
      world.after(browser.latency(), () -> browser.loop().execute(this::begin));
      return opened.far();
    }

    private long readAtClose = Long.MAX_VALUE;

    private void closedByNode() {
      readAtClose = cable == null ? 0 : cable.up().read();
    }

    private void begin() {
      Network.Cable opened = cable;
      if (over || opened == null) {
        if (opened != null) {
          opened.near().close();
        }
        return;
      }
      WebSocket.open(
          opened.near(),
          WebSocket.Role.CLIENT,
          new WebSocket.Limits(POOL, 1 << 24, (count, bytes) -> {}),
          started -> {
            socket = started;
            return this;
          });
      if (socket != null) {
        socket.start(ByteBuffer.allocate(0));
      }
      if (!sid.isEmpty()) {
        sendText("2probe");
      }
    }

    void flush() {
      while (!writeBuffer.isEmpty()) {
        Outgoing next = writeBuffer.remove();
        int opcode = next.binary() ? Opcode.BINARY : Opcode.TEXT;
        byte[] frame = masked(next.text().getBytes(StandardCharsets.UTF_8), opcode);
        send(frame);
        long end = queued;
        Network.Cable by = cable;
        next.sent().by(() -> by != null && isTaken(by, end));
      }
    }

    private boolean isTaken(Network.Cable by, long end) {
      return Math.min(by.up().read(), readAtClose) >= end && !browser.wasKilled(by.far().loop());
    }

    void sendText(String packet) {
      send(masked(packet.getBytes(StandardCharsets.UTF_8), Opcode.TEXT));
    }

    private void send(byte[] frame) {
      frames.add(frame);
      queued += frame.length;
      writable();
    }

    void close() {
      if (!over) {
        over = true;
        if (socket != null) {
          socket.close(1000, "");
        } else if (cable != null) {
          cable.near().close();
        }
      }
    }

    @Override
    public void message(Message message) {
      byte[] bytes = message.bytes(0);
      if (closed || over) {
        return;
      }
      if (!message.text()) {
        lastHeard = world.now();
        listener.binary(bytes);
        return;
      }
      String packet = new String(bytes, StandardCharsets.UTF_8);
      if (packet.equals("3probe")) {
        probed = true;
        upgrading = true;
        upgradeStep();
      } else {
        packet(packet);
      }
    }

    @Override
    public void batchEnd() {}

    @Override
    public void writable() {
      WebSocket to = socket;
      while (to != null && !frames.isEmpty() && to.send(ByteBuffer.wrap(frames.peek()))) {
        frames.remove();
      }
    }

    @Override
    public void closed(WebSocketClosed how) {
      Violation.unless(how.code() != 1011, "a node failed: " + how.reason());
      Violation.unless(how.code() != 1002 && how.code() != 1007, "a client was blamed");
      if (!over) {
        if (probed || sid.isEmpty() || onWire || transport == Transport.WEBSOCKET) {
          over = true;
          EngineClient.this.close("the WebSocket closed: " + how.code() + " " + how.reason());
        } else {
          failed();
        }
      }
    }
  }

  private static byte[] masked(byte[] payload, int opcode) {
    int key = 0x1234567;
    byte[] bytes = new byte[FrameHeader.bytes(payload.length) + Integer.BYTES + payload.length];
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    FrameHeader.writeMasked(frame, opcode, payload.length, key);
    int from = frame.position();
    frame.put(payload);
    Mask.apply(frame, from, frame.position(), key);
    return bytes;
  }
}

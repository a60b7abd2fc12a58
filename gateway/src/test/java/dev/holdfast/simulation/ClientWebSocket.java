package dev.holdfast.simulation;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A WebSocket, from its handshake on. */
final class ClientWebSocket implements SimulatedExchange.Answer, WebSocketListener {
  private static final BufferPool POOL = new BufferPool(1L << 30);

  private final EngineClient client;
  private final Browser browser;
  private final World world;
  private final boolean upgrade;
  private Network.@Nullable Cable cable;
  private @Nullable WebSocket socket;
  private final Deque<byte[]> frames = new ArrayDeque<>();
  private long queued;
  private boolean over;
  private boolean probed;

  /** {@code session}: the sid of the session that it is to take over; empty for a new one. */
  ClientWebSocket(EngineClient client, String session) {
    this.client = client;
    this.browser = client.browser();
    this.world = browser.world();
    this.upgrade = !session.isEmpty();
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
    node.handle(
        new SimulatedExchange.Asked(true, session, Optional.empty(), null), browser.asker(), this);
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
      client.failed(this, "the WebSocket failed", !upgrade || probed);
    }
  }

  Network.@Nullable Cable cable() {
    return cable;
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
    opened.down().tap(new FrameTap(false, packet -> {}, reason -> closedByNode()));
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
    if (upgrade) {
      sendText("2probe");
    }
  }

  void send(EngineClient.Outgoing packet) {
    int opcode = packet.binary() ? Opcode.BINARY : Opcode.TEXT;
    send(masked(packet.text().getBytes(StandardCharsets.UTF_8), opcode));
    long end = queued;
    Network.Cable by = cable;
    packet.sent().by(() -> by != null && isTaken(by, end));
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
    if (over) {
      return;
    }
    if (!message.text()) {
      client.binary(bytes);
      return;
    }
    String packet = new String(bytes, StandardCharsets.UTF_8);
    if (packet.equals("3probe")) {
      probed = true;
      client.probed();
    } else {
      client.packet(packet);
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
    boolean expected = client.browser().mayBeFailed();
    Violation.unless(expected || how.code() != 1011, "a node failed: " + how.reason());
    Violation.unless(how.code() != 1002 && how.code() != 1007, "a client was blamed");
    if (!over) {
      over = true;
      String why = "the WebSocket closed: " + how.code() + " " + how.reason();
      client.failed(this, why, !upgrade || probed);
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

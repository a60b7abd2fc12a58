package dev.holdfast.simulation;

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
  private static final char SEPARATOR = 0x1e;

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
  private final List<PollingRequest> requests = new ArrayList<>();
  private String sid = "";
  private int asked;
  private @Nullable ClientWebSocket wire;
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
      wire = new ClientWebSocket(this, "");
    } else {
      polling = true;
      begin(new PollingRequest(this, ++asked, null));
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
    return wire == null ? null : wire.cable();
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
    ClientWebSocket to = wire;
    if (!open || closed || upgrading || writeBuffer.isEmpty()) {
      return;
    }
    if (onWire && to != null) {
      while (!writeBuffer.isEmpty()) {
        to.send(writeBuffer.remove());
      }
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
    PollingRequest request = new PollingRequest(this, ++asked, body.toString());
    batch.forEach(each -> each.sent().by(request::isTaken));
    begin(request);
  }

  private static String encoded(Outgoing packet) {
    byte[] bytes = packet.text().getBytes(StandardCharsets.UTF_8);
    return packet.binary() ? "b" + Base64.getEncoder().encodeToString(bytes) : packet.text();
  }

  private void poll() {
    if (!closed && !onWire && !polling && !upgrading) {
      polling = true;
      begin(new PollingRequest(this, ++asked, null));
    }
  }

  private boolean pauseIsOver() {
    return !polling && !posting;
  }

  Browser browser() {
    return browser;
  }

  String sid() {
    return sid;
  }

  private void begin(PollingRequest request) {
    requests.add(request);
    request.begin();
  }

  /** A request has its answer, or {@code failure} says what is wrong. */
  void ended(PollingRequest request, @Nullable String failure) {
    requests.remove(request);
    if (request.isGet()) {
      polling = false;
    } else {
      posting = false;
    }
    if (failure != null) {
      close(failure);
    }
  }

  /** What came with a request has been handled. */
  void goOn() {
    poll();
    upgradeStep();
    flush();
  }

  /** A WebSocket is gone; {@code needed}: or it was about to be. */
  void failed(ClientWebSocket gone, String why, boolean needed) {
    if (needed) {
      close(why);
    } else if (gone.equals(wire)) {
      // The probe failed; polling goes on.
      wire = null;
    }
  }

  /** The server has answered the probe. */
  void probed() {
    upgrading = true;
    upgradeStep();
  }

  void binary(byte[] attachment) {
    if (!closed) {
      lastHeard = world.now();
      listener.binary(attachment);
    }
  }

  void packet(String packet) {
    if (closed) {
      return;
    }
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
      wire = new ClientWebSocket(this, sid);
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
    List.copyOf(requests).forEach(PollingRequest::abandon);
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
}

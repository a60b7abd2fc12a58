package dev.holdfast.engineio;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.RecordingListener;
import dev.holdfast.time.ManualLoop;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An Engine.IO session that nothing carries yet, and its owner, who remembers what it hears. */
final class SocketFixture {
  static final Duration PING_INTERVAL = Duration.ofSeconds(25);
  static final Duration PING_TIMEOUT = Duration.ofSeconds(20);
  static final Duration UPGRADE_TIMEOUT = Duration.ofSeconds(10);
  static final Duration POLLING_IDLE = Duration.ofSeconds(90);

  final ManualLoop loop = new ManualLoop();
  final List<String> heard = new ArrayList<>();
  final EngineSocket socket;

  SocketFixture(boolean fromNode) {
    EngineOptions options =
        new EngineOptions(
            UPGRADE_TIMEOUT,
            POLLING_IDLE,
            100,
            1000,
            Duration.ofSeconds(30),
            new BufferPool(1 << 20),
            new EngineListener() {});
    Application.Terms terms = new Application.Terms(PING_INTERVAL, PING_TIMEOUT, 1000);
    Sockets sockets = new Sockets(SeededSecrets.of("a.", 1));
    socket = new EngineSocket("a.sid", terms, options, sockets, loop, fromNode);
  }

  /** The client's polling requests carry it. */
  void polls() {
    socket.open(new PollingCarrier(socket).carrier());
  }

  OwnedSocket owned() {
    OwnedSocket owned = socket.own();
    owned.listener(new RecordingListener(heard));
    return owned;
  }

  /** The client has sent this. */
  void receive(String packet) throws ProtocolException {
    socket.message(new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false));
  }

  static ByteBuffer frame(String packet) {
    return ByteBuffer.wrap(TextFrame.of(packet));
  }

  /** What carries it; remembers what it was given. */
  static final class Wire implements FrameSink {
    final List<String> sent = new ArrayList<>();
    boolean taking = true;
    boolean reading = true;

    Carrier carrier(FrameSink sink) {
      return new Carrier(
          Carrier.WEBSOCKET,
          sink,
          reason -> sent.add("end " + reason.label()),
          reason -> sent.add("leave " + reason.label()));
    }

    Carrier carrier() {
      return carrier(this);
    }

    @Override
    public boolean send(ByteBuffer frames) {
      if (taking) {
        // A server's text frame up to 125 bytes has two bytes in front.
        byte[] text = new byte[frames.remaining() - 2];
        frames.get(frames.position() + 2, text);
        sent.add(new String(text, StandardCharsets.UTF_8));
      }
      return taking;
    }

    @Override
    public void pauseReads() {
      reading = false;
    }

    @Override
    public void resumeReads() {
      reading = true;
    }
  }
}

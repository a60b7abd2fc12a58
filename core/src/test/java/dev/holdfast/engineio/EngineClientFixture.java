package dev.holdfast.engineio;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An Engine.IO client of either kind of server, both operated by a test. */
abstract class EngineClientFixture {
  static final int MAX_MESSAGE = 1000;
  static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
  static final Duration SILENCE = Duration.ofSeconds(45);

  final ManualPeer peer = new ManualPeer();
  final Heard heard = new Heard();
  Optional<Duration> silentTimeout = Optional.empty();
  int memory = 1 << 20;

  /** What the client is connected to. */
  enum Server {
    UPSTREAM,
    NODE
  }

  static final class Heard implements MessageListener, EngineClient.Listener {
    final List<String> events = new ArrayList<>();
    boolean faulty;

    @Override
    public void opened(Announced announced) {
      events.add("opened");
    }

    @Override
    public void message(Message message) {
      events.add(new String(message.bytes(0), StandardCharsets.UTF_8));
    }

    @Override
    public void batchEnd() {
      events.add("batch end");
    }

    @Override
    public void writable() {
      events.add("writable");
    }

    @Override
    public void failed(String reason, String sentence, boolean refused) {
      events.add("failed " + reason + ", " + sentence + (refused ? ", refused" : ""));
    }

    @Override
    public void ended(CloseReason reason, String detail) {
      events.add(reason + " " + detail);
      if (faulty) {
        throw new IllegalStateException("a fault of the listener");
      }
    }

    @Override
    public void closed(CloseReason reason) {
      events.add("closed " + reason);
    }
  }

  EngineClient begin(Server server) {
    EngineClient.Options options =
        new EngineClient.Options(
            new WebSocket.Limits(new BufferPool(memory), MAX_MESSAGE, (frames, bytes) -> {}),
            HANDSHAKE_TIMEOUT,
            silentTimeout,
            server == Server.NODE);
    return EngineClient.dial(peer, options, peer.loop(), heard, heard);
  }

  EngineClient dial(Server server) {
    EngineClient client = begin(server);
    peer.run();
    return client;
  }

  /** A client whose open packet has arrived. */
  EngineClient open(Server server) {
    EngineClient client = dial(server);
    peer.upgrade();
    peer.say(ManualPeer.OPEN);
    heard.events.clear();
    return client;
  }

  static boolean send(EngineClient client) {
    return client.send(ByteBuffer.wrap(TextFrame.masked("42[\"hello\"]")));
  }
}

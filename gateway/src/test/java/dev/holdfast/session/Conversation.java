package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ManualTimers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A session between a client and an upstream that are played by the test. */
final class Conversation {
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(45);
  static final Duration SLOW = Duration.ofSeconds(10);
  static final long WAITING = 1000;
  static final int ATTACHMENTS = 2;
  static final String EVENT = "42[\"events\",{\"a\":1}]";

  final ManualTimers timers = new ManualTimers();
  final BufferPool pool = new BufferPool(4L * BufferPool.BLOCK);
  final FakeHop transport = new FakeHop(false);
  final FakeHop link = new FakeHop(true);

  /** What the session asked of its node, and told it. */
  final List<String> heard = new ArrayList<>();

  final Session session =
      new Session(
          transport,
          new Node(),
          new Session.Limits(ATTACHMENTS, WAITING, CONNECT_TIMEOUT, SLOW),
          timers,
          pool);
  final Hop.Receiver client = session.transportSide();
  Hop.Receiver upstream = client;

  /** A conversation whose client is connected. */
  static Conversation live() throws ProtocolException {
    Conversation conversation = new Conversation();
    conversation.up("40{\"token\":\"t\"}");
    conversation.down("40{\"sid\":\"s\"}");
    conversation.link.forget();
    conversation.transport.forget();
    conversation.heard.clear();
    return conversation;
  }

  /** The client sends this in one read. */
  void up(String... packets) throws ProtocolException {
    Read.ofClient(packets).tell(client);
  }

  /** The upstream sends this in one read. */
  void down(String... packets) throws ProtocolException {
    Read.ofUpstream(packets).tell(upstream);
  }

  private final class Node implements Surroundings {
    @Override
    public Hop dial(Message connect, Hop.Receiver receiver) {
      heard.add("dial " + text(connect));
      upstream = receiver;
      return link;
    }

    @Override
    public void userJoined(Message event) {
      heard.add("joined " + text(event));
    }

    @Override
    public void announced() {
      heard.add("announced");
    }

    @Override
    public void ended(CloseReason reason) {
      heard.add("ended " + reason.label());
    }

    private String text(Message message) {
      return new String(message.bytes(0), StandardCharsets.UTF_8);
    }
  }
}

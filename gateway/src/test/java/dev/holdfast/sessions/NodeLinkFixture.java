package dev.holdfast.sessions;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.engineio.EngineClient;
import dev.holdfast.http1.ForwardedClients;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.ManualLoop;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.wire.ManualConnection;
import dev.holdfast.wire.WebSocketConnector;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/** An open link to another node, whose end is the test's. */
final class NodeLinkFixture {
  private static final Duration LONG = Duration.ofDays(1);

  final ManualLoop loop = new ManualLoop();
  final ManualConnection node = new ManualConnection(loop, true);
  final EngineClient link;

  NodeLinkFixture() {
    NodeNetwork network =
        new NodeNetwork(
            LocalCluster.alone(new NodeId("a")).peers(),
            new LastKnown(loop, LONG, LONG),
            (place, client, path) -> this::open);
    link =
        network.dial(
            new NodeNetwork.Place(
                new Incarnation(new NodeId("b"), "1"),
                InetSocketAddress.createUnresolved("node", 1)),
            ForwardedClients.at("192.0.2.1"),
            "/",
            EngineClient.Options.splice(new BufferPool(1 << 20), 1000, LONG),
            loop,
            new Nobody());
    loop.run();
    receive("0{\"sid\":\"b.sid\"}");
  }

  private WebSocketConnector.Attempt open(
      EventLoop on, Duration limit, WebSocketConnector.Outcome outcome) {
    outcome.upgraded(node, ByteBuffer.allocate(0));
    return new Attempt();
  }

  /** The node has sent this. */
  void receive(String packet) {
    node.receive(TextFrame.of(packet));
  }

  /** From now on the link keeps part of this frame, and takes no other before it has gone. */
  void block() {
    node.room(1);
    link.send(ByteBuffer.wrap(TextFrame.masked("blocking")));
  }

  private static final class Attempt implements WebSocketConnector.Attempt {
    @Override
    public boolean wasConnected() {
      return true;
    }

    @Override
    public void cancel() {}
  }

  private static final class Nobody implements MessageListener, EngineClient.Listener {
    @Override
    public void opened(Announced announced) {}

    @Override
    public void message(Message message) {}

    @Override
    public void batchEnd() {}

    @Override
    public void writable() {}

    @Override
    public void failed(String reason, String sentence, boolean refused) {}

    @Override
    public void ended(CloseReason reason, String detail) {}
  }
}

package dev.holdfast.simulation;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.engineio.EngineExchange;
import dev.holdfast.engineio.EngineRequest;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.EventLoop;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.wire.ByteConnection;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request at a node; its answer goes back the way that it came. */
final class SimulatedExchange implements EngineExchange {
  /** What comes back, one of them once, at the time at which the node says it. */
  interface Answer {
    void payload(byte[] payload);

    void refused(EngineError error);

    /** The node's end of the connection, which it has not begun to use. */
    SimulatedConnection upgraded(SimulatedLoop loop);
  }

  /**
   * What is asked.
   *
   * @param sid empty for a handshake
   * @param timestamp empty for a WebSocket
   * @param body of a POST; null for a GET
   */
  record Asked(boolean webSocket, String sid, Optional<String> timestamp, @Nullable String body) {}

  /** What a client says of itself. */
  enum Agent {
    /** It names a browser and its page's origin. */
    BROWSER,
    /** It names an origin. */
    APPLICATION,
    /** It names neither. */
    PROGRAM
  }

  /** Who asks. */
  record Asker(ForwardedClient client, Agent agent, boolean fromNode) {}

  private final SimulatedNode node;
  private final SimulatedLoop loop;
  private final Asked asked;
  private final Asker asker;
  private final Answer answer;
  private final ErrorBoundary boundary = new ErrorBoundary("a request", this::fail);
  private Runnable onAbort = () -> {};
  private @Nullable SimulatedConnection upgraded;
  private boolean answered;

  SimulatedExchange(
      SimulatedNode node, SimulatedLoop loop, Asked asked, Asker asker, Answer answer) {
    this.node = node;
    this.loop = loop;
    this.asked = asked;
    this.asker = asker;
    this.answer = answer;
  }

  /** Its connection is gone, and the node sees that. */
  void abort() {
    if (!answered && !loop.isDead()) {
      answered = true;
      loop.execute(boundary.guard(() -> onAbort.run()));
    }
  }

  /** Around what handles it, as {@code http1.ExchangeBoundary} is. */
  ErrorBoundary boundary() {
    return boundary;
  }

  private void fail() {
    if (upgraded != null) {
      upgraded.close();
    } else if (!answered) {
      answered = true;
      answer.refused(EngineError.UNAVAILABLE);
    }
  }

  private void calls(Injector.Place place) {
    loop.world().injector().at(place);
  }

  @Override
  public ForwardedClient client() {
    return asker.client();
  }

  @Override
  public boolean isFromNode() {
    return asker.fromNode();
  }

  @Override
  public HeaderMap headers() {
    HeaderMap headers = new HeaderMap();
    if (asker.agent() != Agent.PROGRAM) {
      headers.put(Headers.ORIGIN, "http://host");
    }
    if (asker.agent() == Agent.BROWSER) {
      headers.put(Headers.USER_AGENT, "Mozilla/5.0");
    }
    return headers;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public EngineRequest request() {
    return new EngineRequest(
        Optional.of("4"),
        Optional.of(asked.webSocket() ? "websocket" : "polling"),
        asked.sid().isEmpty() ? Optional.empty() : Optional.of(asked.sid()),
        asked.timestamp(),
        false,
        "");
  }

  @Override
  public boolean isGet() {
    return asked.body() == null;
  }

  @Override
  public boolean isPost() {
    return asked.body() != null;
  }

  @Override
  public boolean isOctetStream() {
    return false;
  }

  @Override
  public boolean isUpgrade() {
    return asked.webSocket();
  }

  @Override
  public boolean sendOn(String sid) {
    calls(Injector.Place.SEND_ON);
    Optional<NodeNetwork.Place> place = NodeId.of(sid).flatMap(node.network()::other);
    if (place.isEmpty()) {
      return false;
    }
    node.sendOn(place.get(), asked, asker, answer, this);
    return true;
  }

  @Override
  public void receive(long limit, Peer peer, Body body) {
    calls(Injector.Place.RECEIVE);
    byte[] bytes = String.valueOf(asked.body()).getBytes(StandardCharsets.UTF_8);
    if (bytes.length > limit) {
      body.tooLarge();
    } else {
      loop.execute(boundary.guard(() -> body.received(bytes, () -> {})));
    }
  }

  @Override
  public void onAbort(Runnable task) {
    calls(Injector.Place.ABORT);
    loop.execute(boundary.guard(() -> onAbort = task));
  }

  @Override
  public void payload(ByteBuffer payload) {
    calls(Injector.Place.ANSWER);
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    once(() -> answer.payload(bytes));
  }

  @Override
  public void text(String packet) {
    payload(ByteBuffer.wrap(packet.getBytes(StandardCharsets.US_ASCII)));
  }

  @Override
  public void refuse(EngineError error, String detail) {
    calls(Injector.Place.ANSWER);
    once(() -> answer.refused(error));
  }

  @Override
  public void upgrade(Consumer<ByteConnection> then, Runnable otherwise) {
    calls(Injector.Place.UPGRADE);
    once(
        () -> {
          SimulatedConnection connection = answer.upgraded(loop);
          upgraded = connection;
          then.accept(connection);
        });
  }

  /** As Undertow does, on the request's own thread. */
  private void once(Runnable action) {
    loop.execute(
        boundary.guard(
            () -> {
              if (!answered) {
                answered = true;
                onAbort = () -> {};
                action.run();
              }
            }));
  }
}

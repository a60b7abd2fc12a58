package dev.holdfast.sessions;

import static dev.holdfast.session.CloseReason.NODE_LOST;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.engineio.Carrier;
import dev.holdfast.engineio.EngineClient;
import dev.holdfast.engineio.EngineSocket;
import dev.holdfast.engineio.OwnedSocket;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.metrics.NodeMetrics;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.time.Timer;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects a transport to a session on another node. Packets, pings and pongs pass both ways
 * unchanged, at the pace of the slower side.
 *
 * <pre>
 *   start ──▶ DIALLING ──opened──▶ ASKING ──first packet──▶ JOINED ── the client ends ──▶ EMPTYING
 *                │                   │ refused                │ the session ends             │
 *                └─── unreachable ───┴──▶ a session here      ▼                              ▼
 *                     no answer ────────────────────────▶ ENDED ◀── all that it sent is passed on;
 *                                                               or the session is handed off
 * </pre>
 *
 * Confined to the transport's thread.
 */
final class Splice implements EngineConnection.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Splice.class);

  private static final char PING = '2';
  private static final char PONG = '3';

  private enum State {
    DIALLING,
    ASKING,
    JOINED,
    /** The client has gone, and its last messages are still being passed on. */
    EMPTYING,
    ENDED
  }

  /** Called when the session is not, or no longer, on the other node. */
  interface Fallback {
    /**
     * Called when the other node refuses to resume the session.
     *
     * @param successor the node that has taken the session over, if the other one knows it
     * @param meanwhile messages that the client has sent in the meantime, as masked frames
     */
    void refused(Optional<NodeId> successor, byte[] meanwhile);

    /** Called when the other node hands the session off, with all messages of the client. */
    void adopted(HandoffMessage handoffMessage, RemoteLink link);
  }

  private final EngineSocket socket;
  private final OwnedSocket client;
  private final SpliceTarget target;
  private final byte[] opening;
  private final NodeMetrics metrics;
  private final Fallback fallback;
  private final ClientBacklog up;
  private final NodeBacklog down;
  private State state = State.DIALLING;
  private @Nullable EngineClient link;
  private final Timer deadline;
  private @Nullable CloseReason ending;
  private @Nullable HandoffMessage offered;
  private Optional<NodeId> successor = Optional.empty();

  /** Pings of the session's node that the client has not answered. */
  private int pings;

  /**
   * Creates a splice that is not started.
   *
   * @param opening masked frames: the control message, early answers, then the CONNECT
   */
  Splice(EngineSocket socket, SpliceTarget target, byte[] opening, Fallback fallback) {
    this.socket = socket;
    this.client = socket.own();
    this.target = target;
    this.opening = opening;
    this.metrics = target.metrics().nodes();
    this.fallback = fallback;
    this.deadline = new Timer(socket.timers());
    this.up = new ClientBacklog(socket.options().pool());
    this.down =
        new NodeBacklog(
            socket.options().pool(), socket.timers(), target.slowTransport(), this::tooSlow);
  }

  /** Dials the other node; the client is not read until that has answered. */
  void start() {
    client.listener(this);
    client.pauseReads(PauseReason.PENDING);
    deadline.start(target.answerTimeout(), this::late);
    link = target.dial(socket.loop(), new Far());
  }

  private void joined() {
    state = State.JOINED;
    deadline.stop();
    metrics.spliceOpened();
    metrics.spliced("joined");
    LOG.debug("transport of {} is spliced to {}", target.client().address(), target.place().node());
    socket.pings().splice();
    if (!up.pass(link)) {
      client.pauseReads(PauseReason.SLOW_PEER);
    }
    client.resumeReads(PauseReason.PENDING);
  }

  /** Ends the splice, because the session is not available there; the client gets another one. */
  private void refused(String result, String why) {
    state = State.ENDED;
    deadline.stop();
    metrics.spliced(result);
    LOG.info("no splice to {}: {} ({})", target.place().node(), result, why);
    fallback.refused(successor, up.take());
  }

  private boolean isGivenUp() {
    return target.network().lastKnown().isGivenUp(target.place().node());
  }

  private void late() {
    if (!isGivenUp()) {
      fail("timeout", "no answer in time");
      return;
    }
    if (link != null) {
      link.close(CloseReason.NODE_TIMEOUT);
    }
    refused("unreachable", "no answer in time");
  }

  /** Ends the transport, as it is unknown whether the session is there; the client reconnects. */
  private void fail(String result, String why) {
    metrics.spliced(result);
    LOG.warn("no splice to {}: {} ({})", target.place().node(), result, why);
    end(CloseReason.NODE_TIMEOUT);
  }

  private void end(CloseReason reason) {
    over(reason);
    client.close(reason);
  }

  private void over(CloseReason reason) {
    if (state == State.JOINED) {
      metrics.spliceClosed();
    } else if (state == State.EMPTYING) {
      socket.sockets().emptied();
    }
    state = State.ENDED;
    deadline.stop();
    up.clear();
    down.clear();
    if (link != null) {
      link.close(reason.toldToSession());
    }
  }

  @Override
  public void message(Message message) throws ProtocolException {
    if (message.text() && message.byteAt(0) == PONG) {
      pings = Math.max(0, pings - 1);
    }
    // A POST is answered once the session's node has confirmed it; a WebSocket gets no
    // confirmation.
    if (!up.add(message, socket.kind().equals(Carrier.POLLING))) {
      client.fail(CloseReason.NO_BUFFERS);
    }
  }

  @Override
  public void batchEnd() {
    up.batchEnd();
    if (up.isUnconfirmed()) {
      client.pauseReads(PauseReason.UNCONFIRMED);
    }
    if (state == State.JOINED && !up.pass(link)) {
      client.pauseReads(PauseReason.SLOW_PEER);
    }
    adopt();
  }

  private void confirmed() {
    up.confirmed();
    if (!up.isUnconfirmed()) {
      client.resumeReads(PauseReason.UNCONFIRMED);
    }
  }

  @Override
  public void writable() {
    passDown();
  }

  private void passDown() {
    if (state != State.JOINED || !down.pass(client::send)) {
      return;
    }
    if (ending != null) {
      end(ending);
    } else {
      down.sendReceipt(Objects.requireNonNull(link));
    }
  }

  private void tooSlow() {
    client.close(CloseReason.SLOW_TRANSPORT);
    // Its messages so far are still passed on.
    closed(CloseReason.SLOW_TRANSPORT);
  }

  /**
   * Takes the session over once its node has offered it, and no packet of the client is passed on
   * only in part. By then, the client has everything that the node has sent.
   */
  private void adopt() {
    HandoffMessage message = offered;
    if (message == null || state != State.JOINED || !up.isWhole()) {
      return;
    }
    EngineClient former = Objects.requireNonNull(link);
    state = State.ENDED;
    deadline.stop();
    metrics.spliceClosed();
    metrics.handoff("received");
    LOG.debug(
        "session of {} is taken over from {}", target.client().address(), target.place().node());
    RemoteLink remote = new RemoteLink(former, this::nodeLost);
    if (pings > 0) {
      remote.pong();
    }
    // Everything else was confirmed. What is left is a ping, which the client need not answer.
    socket.pings().unsplice(down.isEmpty() ? pings : 0);
    down.clear();
    fallback.adopted(message, remote);
  }

  private void nodeLost() {
    target.metrics().resume().switchedOver("unsure", "node-lost");
  }

  @Override
  public void acknowledged(long bytes) {
    // The session's own node tracks what its client has confirmed.
  }

  @Override
  public void closed(CloseReason reason) {
    if (state == State.JOINED) {
      state = State.EMPTYING;
      down.clear();
      metrics.spliceClosed();
      socket.sockets().emptying();
      ending = reason;
      deadline.stop();
      deadline.start(target.slowTransport(), () -> over(reason));
      empty();
    } else if (state != State.ENDED) {
      over(reason);
    }
  }

  private void empty() {
    CloseReason reason = ending;
    if (reason == null || !up.pass(link)) {
      return;
    }
    if (link != null && reason == CloseReason.CLIENT_CLOSED) {
      link.send(ByteBuffer.wrap(TextFrame.masked("1")));
    }
    over(reason);
  }

  private final class Far implements MessageListener, EngineClient.Listener {
    @Override
    public void opened(Announced announced) {
      state = State.ASKING;
      target.network().lastKnown().answered(target.place().node());
      Objects.requireNonNull(link).send(ByteBuffer.wrap(opening));
    }

    @Override
    public void message(Message message) throws ProtocolException {
      if (state == State.ASKING) {
        successor = SpliceControl.node(message).flatMap(NodeId::named);
        if (successor.isPresent()) {
          return;
        }
        joined();
      }
      if (message.text() && message.byteAt(0) == PING) {
        pings++;
      }
      if (state != State.JOINED) {
        return;
      }
      if (SpliceControl.is(SpliceControl.RECEIPT, message)) {
        confirmed();
      } else if (SpliceControl.is(SpliceControl.RECEIPT_ASKED, message)) {
        down.receiptAsked();
      } else if (HandoffMessage.is(message)) {
        offered = HandoffMessage.read(message);
        socket.execute(Splice.this::adopt);
      } else if (!down.add(message)) {
        client.fail(CloseReason.NO_BUFFERS);
      }
    }

    @Override
    public void batchEnd() {
      passDown();
    }

    @Override
    public void writable() {
      if (state == State.EMPTYING) {
        empty();
      } else if (state == State.JOINED) {
        down.sendReceipt(Objects.requireNonNull(link));
        if (up.pass(link)) {
          client.resumeReads(PauseReason.SLOW_PEER);
          socket.execute(Splice.this::adopt);
        }
      }
    }

    @Override
    public void failed(String reason, String sentence, boolean refused) {
      String otherwise = Objects.requireNonNull(link).wasConnected() ? "timeout" : "failed";
      socket.execute(() -> notJoined(refused, otherwise, sentence));
    }

    @Override
    public void ended(CloseReason reason, String detail) {
      socket.execute(
          () -> {
            switch (state) {
              case DIALLING, ASKING ->
                  notJoined(reason == CloseReason.NOT_RESUMED, "failed", detail);
              case JOINED -> parted(reason, detail);
              case EMPTYING -> over(NODE_LOST);
              case ENDED -> {} // the client ended it first
            }
          });
    }

    private void notJoined(boolean refuses, String otherwise, String why) {
      if (state == State.ENDED) {
        return; // the client ended it first
      }
      if (refuses) {
        refused("refused", why);
      } else if (isGivenUp()) {
        refused("unreachable", why);
      } else {
        fail(otherwise, why);
      }
    }

    private void parted(CloseReason why, String detail) {
      if (why == NODE_LOST) {
        LOG.info("splice to {} ended: {}", target.place().node(), detail);
      }
      if (down.pass(client::sendLast)) {
        end(why);
      } else {
        ending = why;
        // Further messages of the client have no destination.
        client.pauseReads(PauseReason.PENDING);
      }
    }
  }
}

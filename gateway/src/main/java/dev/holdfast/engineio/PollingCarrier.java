package dev.holdfast.engineio;

import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.protocol.EnginePacket;
import dev.holdfast.protocol.PollingPayload;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A series of polling requests that carries a session: one GET waits for packets, one POST at a
 * time brings some. Confined to the session's thread.
 */
final class PollingCarrier implements FrameSink {
  /** How long a close waits for the GET that takes it to the client. */
  private static final Duration CLOSE_KEPT = Duration.ofSeconds(30);

  /** How long a GET waits for an upgrade that another thread may have read already. */
  private static final Duration PROBED = Duration.ofMillis(20);

  private static final String CLOSE_PACKET = "1";

  /** Tells a polling client that its session is over. */
  static final byte[] CLOSE = CLOSE_PACKET.getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NOTHING = new byte[0];

  private static final String NOOP = "6";
  private static final String OK = "ok";

  private final EngineSocket session;
  private @Nullable EngineExchange get;
  private @Nullable EngineExchange heldPost;
  private final List<ByteBuffer> last = new ArrayList<>(0);

  /**
   * The timestamps of the latest GET and POST. Load balancers and browsers repeat a request whose
   * answer they have lost.
   */
  private Optional<String> lastGet = Optional.empty();

  private Optional<String> lastPost = Optional.empty();
  private boolean posting;
  private boolean paused;
  private ScheduledTask idle = () -> {};

  PollingCarrier(EngineSocket session) {
    this.session = session;
  }

  /** This as what carries the session. */
  Carrier carrier() {
    // Each of its requests is answered, or has not come.
    return new Carrier(Carrier.POLLING, this, this::close, session::fail);
  }

  /** A request came: the client is there. */
  void touched() {
    idle.cancel();
    idle = session.timers().after(session.options().pollingIdle(), this::idle);
  }

  private void idle() {
    if (get != null) {
      touched();
    } else {
      session.fail(CloseReason.POLLING_IDLE);
    }
  }

  /** A GET came: it is answered as soon as there is something to say. */
  void get(EngineExchange exchange) {
    if (session.isClosed()) {
      session
          .sockets()
          .takeClosing(session.sid())
          .ifPresentOrElse(
              last -> exchange.payload(ByteBuffer.wrap(last)),
              () -> exchange.refuse(EngineError.SESSION_UNKNOWN));
      return;
    }
    touched();
    boolean repeated = isRepeated(exchange, lastGet);
    lastGet = exchange.request().timestamp();
    if (get != null || repeated) {
      // The client did not get the answer to the first one: it comes back for what was in it.
      exchange.refuse(EngineError.BAD_REQUEST);
      session.fail(CloseReason.CLIENT_LOST);
    } else if (session.isProbed()) {
      letGo(exchange);
    } else {
      get = exchange;
      exchange.onAbort(() -> session.execute(() -> aborted(exchange)));
      session.writable();
    }
  }

  private static boolean isRepeated(EngineExchange exchange, Optional<String> last) {
    return last.isPresent() && last.equals(exchange.request().timestamp());
  }

  private void aborted(EngineExchange exchange) {
    if (exchange.equals(get)) {
      get = null;
      session.fail(CloseReason.CLIENT_LOST);
    }
  }

  /**
   * Whether the body of a POST is to be read. A second one at a time ends the session; one that is
   * repeated is answered as before.
   */
  boolean beginPost(EngineExchange exchange) {
    if (session.isClosed()) {
      exchange.refuse(EngineError.SESSION_UNKNOWN);
      return false;
    }
    touched();
    if (posting || heldPost != null) {
      // The earlier one is on a connection that the client has lost: it would wait for its answer.
      exchange.refuse(EngineError.BAD_REQUEST);
      session.fail(CloseReason.CLIENT_LOST);
      return false;
    }
    if (isRepeated(exchange, lastPost)) {
      exchange.text(OK);
      return false;
    }
    lastPost = exchange.request().timestamp();
    posting = true;
    return true;
  }

  /** The whole body of a POST came. */
  void post(byte[] body, EngineExchange exchange) {
    posting = false;
    if (session.isClosed()) {
      exchange.refuse(EngineError.SESSION_UNKNOWN);
      return;
    }
    List<EnginePacket> packets;
    try {
      packets =
          PollingPayload.decode(
              ByteBuffer.wrap(body),
              new PollingPayload.Limits(body.length, session.options().postPackets()));
    } catch (ProtocolException e) {
      exchange.text(OK);
      session.fail(
          e.closeCode() == CloseCode.TOO_BIG
              ? CloseReason.TOO_MANY_PACKETS
              : CloseReason.PROTOCOL_ERROR);
      return;
    }
    handle(packets);
    if (paused) {
      heldPost = exchange;
    } else {
      exchange.text(OK);
    }
  }

  private void handle(List<EnginePacket> packets) {
    try {
      EngineFrames.asMessages(packets, session::message);
      session.batchEnd();
    } catch (ProtocolException e) {
      session.batchEnd();
      session.fail(CloseReason.PROTOCOL_ERROR);
    }
  }

  /** The body of a POST is over the limit, or its connection broke. */
  void postFailed(CloseReason reason) {
    posting = false;
    session.fail(reason);
  }

  /** A WebSocket is about to take over: the waiting GET must not hold the client back. */
  void probed() {
    EngineExchange waiting = get;
    if (waiting != null) {
      get = null;
      letGo(waiting);
    }
  }

  /** Answers a GET with nothing, or refuses it if the upgrade was on its way already. */
  private void letGo(EngineExchange exchange) {
    session
        .timers()
        .after(
            PROBED,
            () -> {
              if (equals(session.polling())) {
                exchange.text(NOOP);
              } else {
                exchange.refuse(EngineError.BAD_REQUEST);
              }
            });
  }

  private void answer(String packet) {
    EngineExchange waiting = get;
    if (waiting != null) {
      get = null;
      waiting.text(packet);
    }
  }

  /** The session goes on over a WebSocket. */
  void upgraded() {
    idle.cancel();
    answer(NOOP);
    resumeReads();
  }

  @Override
  public boolean send(ByteBuffer frames) {
    EngineExchange waiting = get;
    if (waiting == null) {
      return false;
    }
    get = null;
    waiting.payload(PollingPayload.encode(packets(frames)));
    return true;
  }

  private static List<EnginePacket> packets(ByteBuffer frames) {
    try {
      return EngineFrames.packets(frames);
    } catch (ProtocolException e) {
      throw new IllegalStateException("a session sent what is no packet", e);
    }
  }

  /** Keeps frames for the client's next GET, which comes after the close. */
  void sendLast(ByteBuffer frames) {
    last.add(ByteBuffer.allocate(frames.remaining()).put(frames).flip());
  }

  private byte[] rest() {
    List<EnginePacket> packets = last.stream().flatMap(run -> packets(run).stream()).toList();
    return packets.isEmpty() ? NOTHING : PollingPayload.encode(packets).array();
  }

  @Override
  public void pauseReads() {
    paused = true;
  }

  @Override
  public void resumeReads() {
    paused = false;
    EngineExchange held = heldPost;
    if (held != null) {
      heldPost = null;
      held.text(OK);
    }
  }

  /** The POST that waits until the session's node has confirmed it. */
  private Optional<EngineExchange> takeUnconfirmed() {
    if (!session.isUnconfirmed()) {
      return Optional.empty();
    }
    Optional<EngineExchange> held = Optional.ofNullable(heldPost);
    heldPost = null;
    return held;
  }

  private void close(CloseReason reason) {
    idle.cancel();
    takeUnconfirmed().ifPresent(post -> post.refuse(EngineError.SESSION_UNKNOWN));
    resumeReads();
    if (reason == CloseReason.CLIENT_CLOSED) {
      // The client has said it itself: its GET has nothing to wait for.
      answer(NOOP);
    } else if (get != null) {
      answer(CLOSE_PACKET);
    } else if (isToldLater(reason)) {
      session.sockets().keepClose(session, rest(), CLOSE_KEPT);
    }
  }

  /** Whether the next GET is told of the end; a client that is at fault is refused instead. */
  private static boolean isToldLater(CloseReason reason) {
    return switch (reason) {
      case CLIENT_CLOSED,
          CLIENT_LOST,
          CLIENT_LEFT,
          CLIENT_DISCONNECTED,
          TAKEN_OVER,
          PING_TIMEOUT,
          POLLING_IDLE,
          PROTOCOL_ERROR,
          MESSAGE_TOO_BIG,
          TOO_MANY_ATTACHMENTS,
          TOO_MANY_PACKETS ->
          false;
      default -> true;
    };
  }
}

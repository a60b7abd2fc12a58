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
 * Carries a session over long-polling: one GET waits for packets, and one POST at a time sends
 * some. Confined to the session's thread.
 */
final class PollingCarrier implements FrameSink {
  /** How long a close packet is kept for the client's next GET. */
  private static final Duration CLOSE_KEPT = Duration.ofSeconds(30);

  /** How long a GET waits for an upgrade that another thread may already have read. */
  private static final Duration PROBED = Duration.ofMillis(20);

  private static final String CLOSE_PACKET = "1";

  /** The CLOSE packet. */
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
   * response they have lost.
   */
  private Optional<String> lastGet = Optional.empty();

  private Optional<String> lastPost = Optional.empty();
  private boolean posting;
  private boolean paused;
  private ScheduledTask idle = () -> {};

  PollingCarrier(EngineSocket session) {
    this.session = session;
  }

  /** Returns polling as the session's carrier. */
  Carrier carrier() {
    // Nothing is in flight: each request was answered or has not arrived.
    return new Carrier(Carrier.POLLING, this, this::close, session::fail);
  }

  /** Restarts the idle timeout, as a request has arrived. */
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

  /** Handles a GET, which is answered as soon as there are packets to send. */
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
      // The client has lost the response to the first GET. It resumes to get the packets in it.
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
   * Returns whether to read the body of a POST. A second POST at a time ends the session; a
   * repeated one gets the same response again.
   */
  boolean beginPost(EngineExchange exchange) {
    if (session.isClosed()) {
      exchange.refuse(EngineError.SESSION_UNKNOWN);
      return false;
    }
    touched();
    if (posting || heldPost != null) {
      // The client has lost the connection of the earlier POST: otherwise it would wait for its
      // response.
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

  /** Handles the complete body of a POST. */
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

  /** Ends the session, because the body of a POST is too large or its connection broke. */
  void postFailed(CloseReason reason) {
    posting = false;
    session.fail(reason);
  }

  /** Releases the pending GET, because a WebSocket is about to take over. */
  void probed() {
    EngineExchange waiting = get;
    if (waiting != null) {
      get = null;
      letGo(waiting);
    }
  }

  /**
   * Answers a GET with a NOOP after {@link #PROBED}, or refuses it if the upgrade has completed.
   */
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

  /** Ends polling after the upgrade to a WebSocket. */
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
      throw new IllegalStateException("a session sent a malformed packet", e);
    }
  }

  /** Keeps frames for the client's next GET, which follows the close. */
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

  /** Removes and returns the POST that awaits confirmation by the session's node. */
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
      // The client closed the session itself; its GET has nothing to wait for.
      answer(NOOP);
    } else if (get != null) {
      answer(CLOSE_PACKET);
    } else if (isToldLater(reason)) {
      session.sockets().keepClose(session, rest(), CLOSE_KEPT);
    }
  }

  /**
   * Returns whether the next GET gets a CLOSE packet. A client that is at fault is refused instead.
   */
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

package dev.holdfast.edge;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.FrameSink;
import dev.holdfast.wire.Receiver;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A WebSocket on another I/O thread than its session's, as an upgrade may bring it. Each read and
 * each write is one task with a copy of its bytes; a bounded number of bytes is on its way. The
 * {@link Receiver} half is confined to the socket's thread, the {@link FrameSink} half to the
 * session's.
 */
final class RemoteCarrier implements FrameSink, Receiver {
  private final WebSocket socket;
  private final EngineSocket session;
  private final long limit;

  /** Bytes towards the client that the socket's thread has not passed on yet. */
  private final AtomicLong towardsClient = new AtomicLong();

  /** Bytes from the client that the session's thread has not handled yet. */
  private final AtomicLong towardsSession = new AtomicLong();

  // The socket's thread only.
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>();
  private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
  private boolean pausedForSession;

  // Wanted by the session, read by the socket's thread.
  private volatile boolean pausedBySession;

  RemoteCarrier(WebSocket socket, EngineSocket session) {
    this.socket = socket;
    this.session = session;
    this.limit = session.options().remoteBytes();
  }

  /** This as what carries the session. */
  Carrier carrier() {
    return new Carrier(Carrier.WEBSOCKET, this, this::close);
  }

  @Override
  public boolean send(ByteBuffer frames) {
    if (towardsClient.get() > limit) {
      return false;
    }
    ByteBuffer copy = ByteBuffer.allocate(frames.remaining()).put(frames).flip();
    towardsClient.addAndGet(copy.remaining());
    socket.ioThread().execute(() -> pass(copy));
    return true;
  }

  private void pass(ByteBuffer frames) {
    unsent.add(frames);
    drain();
  }

  private void drain() {
    while (!unsent.isEmpty()) {
      int bytes = unsent.getFirst().remaining();
      if (!socket.send(unsent.getFirst())) {
        return;
      }
      unsent.removeFirst();
      long before = towardsClient.getAndAdd(-bytes);
      if (before > limit && before - bytes <= limit) {
        session.execute(session::writable);
      }
    }
  }

  @Override
  public void pauseReads() {
    pausedBySession = true;
    socket.ioThread().execute(this::readOrNot);
  }

  @Override
  public void resumeReads() {
    pausedBySession = false;
    socket.ioThread().execute(this::readOrNot);
  }

  private void readOrNot() {
    if (pausedBySession || pausedForSession) {
      socket.pauseReads();
    } else {
      socket.resumeReads();
    }
  }

  private void close(CloseReason reason) {
    socket.ioThread().execute(() -> socket.close(reason.closeCode(), reason.label()));
  }

  @Override
  public void message(Message message) {
    byte[] frame = new byte[message.end() - message.start()];
    message.buffer().get(message.start(), frame);
    batch.writeBytes(frame);
  }

  @Override
  public void batchEnd() {
    if (batch.size() == 0) {
      return;
    }
    ByteBuffer frames = ByteBuffer.wrap(batch.toByteArray());
    batch.reset();
    if (towardsSession.addAndGet(frames.remaining()) > limit) {
      pausedForSession = true;
      readOrNot();
    }
    session.execute(() -> handle(frames));
  }

  private void handle(ByteBuffer frames) {
    int bytes = frames.remaining();
    FrameHeader header = new FrameHeader();
    Message message = new Message();
    int index = 0;
    try {
      while (header.read(frames, index, bytes, true)) {
        int end = (int) header.end();
        session.message(
            message
                .at(frames, index, header.payload(), end)
                .as(header.maskKey(), header.opcode() == Opcode.TEXT));
        index = end;
      }
      session.batchEnd();
    } catch (ProtocolException e) {
      session.fail(CloseReason.PROTOCOL_ERROR);
    }
    long before = towardsSession.getAndAdd(-bytes);
    if (before > limit && before - bytes <= limit) {
      socket
          .ioThread()
          .execute(
              () -> {
                pausedForSession = false;
                readOrNot();
              });
    }
  }

  @Override
  public void writable() {
    drain();
  }

  @Override
  public void closed(WebSocketClosed how) {
    session.execute(() -> session.fail(WebSocketReceiver.reason(how)));
  }
}

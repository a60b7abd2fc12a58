package dev.holdfast.wire;

import dev.holdfast.memory.BlockQueue;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Opcode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The write side of a WebSocket: writes whole frames at once and keeps unsent bytes in pooled
 * buffers. Confined to its connection.
 */
final class Outbound {
  /**
   * Unsent bytes at which pings are no longer answered: a peer that does not read needs no pong.
   */
  private static final long MAX_UNSENT_FOR_PONG = 64 * 1024;

  /** Maximum bytes of a close frame's reason, RFC 6455 section 5.5. */
  private static final int MAX_REASON = 123;

  private final ByteConnection sink;
  private final boolean masking;
  private final BufferPool pool;
  // Null while nothing is unsent: a look at an empty queue would cost a cache miss each time.
  private @Nullable BlockQueue unsent;
  private boolean writing;

  Outbound(ByteConnection sink, boolean masking, BufferPool pool) {
    this.sink = sink;
    this.masking = masking;
    this.pool = pool;
  }

  boolean isEmpty() {
    return unsent == null;
  }

  /** Writes frames, and buffers what the socket does not take. */
  void write(ByteBuffer frames) throws IOException {
    BlockQueue queue = unsent;
    if (queue == null) {
      int written = put(frames);
      while (written > 0 && frames.hasRemaining()) {
        // TLS takes one record at a time.
        written = put(frames);
      }
      if (!frames.hasRemaining() && sink.flush()) {
        return;
      }
    }
    if (frames.hasRemaining()) {
      keep(queue == null ? new BlockQueue(pool) : queue, frames);
    }
    sink.resumeWrites();
  }

  /** Writes bytes. Fails after a write that has thrown: the peer may have received half a frame. */
  private int put(ByteBuffer bytes) throws IOException {
    if (writing) {
      throw new IOException("an earlier write has failed");
    }
    writing = true;
    int written = sink.write(bytes);
    writing = false;
    return written;
  }

  /** Makes further writes fail after an exception: the peer may have received part of a frame. */
  void breakOff() {
    writing = true;
  }

  private void keep(BlockQueue queue, ByteBuffer frames) throws IOException {
    if (!queue.append(frames, frames.position(), frames.limit())) {
      throw new IOException("no buffer is left for what waits");
    }
    queue.commit();
    unsent = queue;
  }

  /** Writes unsent bytes. Returns false if the socket does not take all of them now. */
  boolean flush() throws IOException {
    BlockQueue queue = unsent;
    ByteBuffer head = queue == null ? null : queue.head();
    while (queue != null && head != null) {
      int written = put(head);
      queue.taken();
      if (written == 0) {
        return false;
      }
      head = queue.head();
    }
    unsent = null;
    if (!sink.flush()) {
      return false;
    }
    sink.suspendWrites();
    return true;
  }

  void pong(FrameHeader ping, ByteBuffer buffer) throws IOException {
    if (unsent == null || unsent.bytes() < MAX_UNSENT_FOR_PONG) {
      control(Opcode.PONG, payload(ping, buffer));
    }
  }

  /** Returns a copy of the payload of a control frame, unmasked. */
  static ByteBuffer payload(FrameHeader header, ByteBuffer buffer) {
    byte[] payload = new byte[(int) header.length()];
    buffer.get(header.payload(), payload);
    ByteBuffer unmasked = ByteBuffer.wrap(payload);
    Mask.apply(unmasked, 0, payload.length, header.maskKey());
    return unmasked;
  }

  /** Writes a close frame, without code and reason if the code must not be sent. */
  void close(int code, String reason) throws IOException {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_REASON);
    while (length > 0 && length < text.length && (text[length] & 0xC0) == 0x80) {
      length--;
    }
    ByteBuffer payload = ByteBuffer.allocate(2 + length);
    if (CloseCode.mayBeSent(code)) {
      payload.putShort((short) code).put(text, 0, length);
    }
    control(Opcode.CLOSE, payload.flip());
  }

  private void control(int opcode, ByteBuffer payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + payload.remaining());
    if (masking) {
      int key = ThreadLocalRandom.current().nextInt();
      FrameHeader.writeMasked(frame, opcode, payload.remaining(), key);
      int from = frame.position();
      frame.put(payload);
      Mask.apply(frame, from, frame.position(), key);
    } else {
      FrameHeader.write(frame, opcode, payload.remaining());
      frame.put(payload);
    }
    write(frame.flip());
  }

  /** Shuts down the write side of the connection. */
  void shutdown() throws IOException {
    sink.shutdownWrites();
    sink.flush();
  }

  void release() {
    if (unsent != null) {
      unsent.clear();
      unsent = null;
    }
  }
}

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
import org.xnio.conduits.ConduitStreamSinkChannel;

/**
 * The writing half of a WebSocket: whole frames go out at once, the rest waits in the pool's
 * buffers. Confined to its connection.
 */
final class Outbound {
  /** Unsent bytes beyond which pings are not answered: a peer that does not read needs no pong. */
  private static final long MAX_UNSENT_FOR_PONG = 64 * 1024;

  /** Bytes of a close frame's reason, RFC 6455 section 5.5. */
  private static final int MAX_REASON = 123;

  private final ConduitStreamSinkChannel sink;
  private final boolean masking;
  private final BlockQueue unsent;

  Outbound(ConduitStreamSinkChannel sink, boolean masking, BufferPool pool) {
    this.sink = sink;
    this.masking = masking;
    this.unsent = new BlockQueue(pool);
  }

  boolean isEmpty() {
    return unsent.isEmpty();
  }

  /** Writes frames, or keeps what the socket does not take. */
  void write(ByteBuffer frames) throws IOException {
    if (unsent.isEmpty()) {
      int written = sink.write(frames);
      while (written > 0 && frames.hasRemaining()) {
        // TLS takes one record at a time.
        written = sink.write(frames);
      }
      if (!frames.hasRemaining() && sink.flush()) {
        return;
      }
    }
    if (!unsent.append(frames, frames.position(), frames.limit())) {
      throw new IOException("no buffer is left for what waits");
    }
    unsent.commit();
    sink.resumeWrites();
  }

  /** Writes what waits; false if the socket does not take all of it now. */
  boolean flush() throws IOException {
    ByteBuffer head = unsent.head();
    while (head != null) {
      int written = sink.write(head);
      unsent.taken();
      if (written == 0) {
        return false;
      }
      head = unsent.head();
    }
    if (!sink.flush()) {
      return false;
    }
    sink.suspendWrites();
    return true;
  }

  void pong(FrameHeader ping, ByteBuffer buffer) throws IOException {
    if (unsent.bytes() < MAX_UNSENT_FOR_PONG) {
      control(Opcode.PONG, payload(ping, buffer));
    }
  }

  /** The unmasked payload of a control frame. */
  static ByteBuffer payload(FrameHeader header, ByteBuffer buffer) {
    byte[] payload = new byte[(int) header.length()];
    buffer.get(header.payload(), payload);
    ByteBuffer unmasked = ByteBuffer.wrap(payload);
    Mask.apply(unmasked, 0, payload.length, header.maskKey());
    return unmasked;
  }

  /** Writes a close frame; a code that may not be sent is left out. */
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

  /** Ends our half of the connection. */
  void shutdown() throws IOException {
    sink.shutdownWrites();
    sink.flush();
  }

  void release() {
    unsent.clear();
  }
}

package dev.holdfast.wire;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.Utf8;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The reading half of a WebSocket: one read, then all whole frames in it. A frame that is not whole
 * yet waits in a buffer of the pool that grows with what really arrives. Confined to its
 * connection.
 */
final class Inbound {
  /** What whole frames mean to the connection. */
  interface FrameListener {
    void message(Message message) throws ProtocolException;

    void control(FrameHeader header, ByteBuffer buffer) throws ProtocolException;

    void batchEnd();

    /** Whether what is behind this frame still matters. */
    boolean isReading();
  }

  /**
   * The beginning of a frame up to this size is copied in front of what the next read brings, so
   * that a stream of small frames is read in the thread's large buffer and not in a block.
   */
  private static final int COPIED = 4 * 1024;

  private final BufferPool pool;
  private final boolean masked;
  private final long maxMessage;
  private final Traffic traffic;
  private final FrameListener frames;
  private final Scratch scratch = Scratch.ofThread();
  private @Nullable ByteBuffer pending;
  private @Nullable FragmentAssembler assembly;
  private boolean discarding;

  Inbound(WebSocket.Limits limits, boolean masked, FrameListener frames) {
    this.pool = limits.pool();
    this.masked = masked;
    this.maxMessage = limits.maxMessage();
    this.traffic = limits.traffic();
    this.frames = frames;
  }

  /** What one read found. */
  enum Found {
    /** Bytes, and the socket is likely to hold more. */
    MORE,
    /** Bytes, the last that the socket had. */
    LAST,
    /** No bytes. */
    NOTHING,
    /** The peer has ended its half. */
    END
  }

  /** Where the next read has to go. */
  ByteBuffer target() {
    ByteBuffer kept = pending;
    if (kept == null) {
      return scratch.buffer.clear();
    }
    int rest = kept.position();
    return rest > COPIED ? kept : scratch.buffer.clear().put(0, kept, 0, rest).position(rest);
  }

  /** Hands over each frame that is whole now that a read has put {@code count} bytes there. */
  Found took(ByteBuffer target, int count) throws ProtocolException {
    if (count < 0) {
      return Found.END;
    }
    if (count == 0) {
      return Found.NOTHING;
    }
    boolean full = !target.hasRemaining();
    if (!discarding) {
      scan(target, count);
    }
    return full ? Found.MORE : Found.LAST;
  }

  /** Takes bytes that were read before the connection was ours, at most a block. */
  void feed(ByteBuffer first) throws ProtocolException {
    int count = first.remaining();
    if (count > 0) {
      scan(scratch.buffer.clear().put(first), count);
    }
  }

  private void scan(ByteBuffer buffer, int count) throws ProtocolException {
    FrameHeader header = scratch.header;
    int limit = buffer.position();
    int index = 0;
    long whole = 0;
    long needed = FrameHeader.MAX_BYTES;
    while (frames.isReading() && header.read(buffer, index, limit, masked)) {
      checkSize(header);
      if (header.end() > limit) {
        needed = header.end() - index;
        break;
      }
      frame(header, buffer, index);
      index = (int) header.end();
      whole++;
    }
    frames.batchEnd();
    // Writing what came of the batch has moved the position and the limit.
    buffer.clear().position(limit);
    traffic.received(whole, count);
    if (frames.isReading()) {
      keep(buffer, index, limit, needed);
    } else {
      release();
    }
  }

  private void checkSize(FrameHeader header) throws ProtocolException {
    // A control frame may stand inside a message, and is no part of it.
    FragmentAssembler open = Opcode.isControl(header.opcode()) ? null : assembly;
    long size = header.length() + (open == null ? 0 : open.length());
    if (size > maxMessage) {
      throw new ProtocolException(
          CloseCode.TOO_BIG, "a message has " + size + " bytes, the limit is " + maxMessage);
    }
  }

  private void frame(FrameHeader header, ByteBuffer buffer, int start) throws ProtocolException {
    int opcode = header.opcode();
    if (Opcode.isControl(opcode)) {
      frames.control(header, buffer);
    } else if (opcode == Opcode.CONTINUATION) {
      fragment(header, buffer);
    } else if (assembly != null) {
      throw new ProtocolException("a new message starts inside a fragmented one");
    } else if (header.fin()) {
      whole(header, buffer, start);
    } else {
      assembly = new FragmentAssembler(pool, header);
      assembly.add(buffer, header);
    }
  }

  private void whole(FrameHeader header, ByteBuffer buffer, int start) throws ProtocolException {
    boolean text = header.opcode() == Opcode.TEXT;
    int end = (int) header.end();
    if (text
        && Utf8.check(buffer, header.payload(), end, header.maskKey(), Utf8.START) != Utf8.START) {
      throw new ProtocolException(CloseCode.INVALID_PAYLOAD, "text is not UTF-8");
    }
    frames.message(
        scratch.message.at(buffer, start, header.payload(), end).as(header.maskKey(), text));
  }

  private void fragment(FrameHeader header, ByteBuffer buffer) throws ProtocolException {
    FragmentAssembler open = assembly;
    if (open == null) {
      throw new ProtocolException("a continuation frame continues nothing");
    }
    open.add(buffer, header);
    if (header.fin()) {
      assembly = null;
      try {
        frames.message(open.finish(scratch.message, masked));
        // The message's bytes live in the assembly: what came of it has to leave before it goes.
        frames.batchEnd();
      } finally {
        open.release();
      }
    }
  }

  /** Keeps the beginning of a frame for the next read, in a buffer that has room for more of it. */
  // The very same buffer is meant: it may be the one that is kept already.
  @SuppressWarnings("ReferenceEquality")
  private void keep(ByteBuffer buffer, int from, int to, long needed) throws ProtocolException {
    ByteBuffer kept = pending;
    int rest = to - from;
    if (rest == 0) {
      release();
    } else if (kept != null && rest < kept.capacity()) {
      if (kept != buffer) {
        kept.put(0, buffer, from, rest);
      } else if (from > 0) {
        kept.limit(to).position(from).compact();
      }
      kept.clear().position(rest);
    } else {
      long wanted = kept == null ? BufferPool.BLOCK : 2L * kept.capacity();
      ByteBuffer larger = take(Math.min(needed, wanted), rest);
      pending = larger.put(0, buffer, from, rest).position(rest);
      if (kept != null) {
        pool.give(kept);
      }
    }
  }

  private ByteBuffer take(long wanted, int rest) throws ProtocolException {
    ByteBuffer taken = pool.take((int) Math.max(wanted, rest + FrameHeader.MAX_BYTES));
    if (taken == null) {
      throw new ProtocolException(CloseCode.TRY_AGAIN_LATER, "no buffer is left for a message");
    }
    return taken;
  }

  /** What still comes is read, so that the peer can read our close frame, and forgotten. */
  void discard() {
    discarding = true;
    close();
  }

  private void release() {
    ByteBuffer given = pending;
    pending = null;
    if (given != null) {
      pool.give(given);
    }
  }

  /** Gives back all memory, that of an unfinished message too. */
  void close() {
    FragmentAssembler begun = assembly;
    assembly = null;
    try {
      release();
    } finally {
      if (begun != null) {
        begun.release();
      }
    }
  }
}

package dev.holdfast.wire;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.FrameScanner;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.Utf8;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The read side of a WebSocket: delivers all whole frames of each read. An incomplete frame waits
 * in a pooled buffer that grows only as bytes arrive. Confined to its connection.
 */
final class Inbound {
  /** Receives whole frames. */
  interface FrameListener {
    void message(Message message) throws ProtocolException;

    void control(FrameHeader header, ByteBuffer buffer) throws ProtocolException;

    void batchEnd();

    /** Returns whether the bytes after this frame still matter. */
    boolean isReading();
  }

  /**
   * Maximum bytes of an incomplete frame that are copied in front of the next read. A stream of
   * small frames is thus read into the thread's large buffer, not into a block.
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

  /** The result of a read. */
  enum Found {
    /** Bytes were read, and the socket is likely to hold more. */
    MORE,
    /** Bytes were read, the last that the socket had. */
    LAST,
    /** The socket had no bytes. */
    NOTHING,
    /** The peer has shut down its side. */
    END
  }

  /** Returns the buffer for the next read. */
  ByteBuffer target() {
    ByteBuffer kept = pending;
    if (kept == null) {
      return scratch.buffer.clear();
    }
    int rest = kept.position();
    return rest > COPIED ? kept : scratch.buffer.clear().put(0, kept, 0, rest).position(rest);
  }

  /**
   * Delivers the frames that are complete after a read.
   *
   * @param count bytes that the read put into {@code target}; -1 at the end of the input
   */
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

  /** Delivers frames in bytes that were read before the upgrade completed, at most a block. */
  void feed(ByteBuffer first) throws ProtocolException {
    int count = first.remaining();
    if (count > 0) {
      scan(scratch.buffer.clear().put(first), count);
    }
  }

  private void scan(ByteBuffer buffer, int count) throws ProtocolException {
    int limit = buffer.position();
    FrameScanner scanner = scratch.frames.over(buffer, 0, limit, masked);
    long whole = 0;
    long needed = FrameHeader.MAX_BYTES;
    while (frames.isReading() && scanner.next()) {
      checkSize(scanner.header());
      if (!scanner.isWhole()) {
        needed = scanner.header().end() - scanner.start();
        break;
      }
      frame(scanner, buffer);
      whole++;
    }
    frames.batchEnd();
    // Writing the batch's results has moved the position and the limit.
    buffer.clear().position(limit);
    traffic.received(whole, count);
    if (frames.isReading()) {
      keep(buffer, scanner.start(), limit, needed);
    } else {
      release();
    }
  }

  private void checkSize(FrameHeader header) throws ProtocolException {
    // A control frame may be interleaved with a fragmented message and is no part of it.
    FragmentAssembler open = Opcode.isControl(header.opcode()) ? null : assembly;
    long size = header.length() + (open == null ? 0 : open.length());
    if (size > maxMessage) {
      throw new ProtocolException(
          CloseCode.TOO_BIG, "a message has " + size + " bytes, the limit is " + maxMessage);
    }
  }

  private void frame(FrameScanner scanner, ByteBuffer buffer) throws ProtocolException {
    FrameHeader header = scanner.header();
    int opcode = header.opcode();
    if (Opcode.isControl(opcode)) {
      frames.control(header, buffer);
    } else if (opcode == Opcode.CONTINUATION) {
      fragment(header, buffer);
    } else if (assembly != null) {
      throw new ProtocolException("a new message starts inside a fragmented one");
    } else if (header.fin()) {
      whole(scanner, buffer);
    } else {
      assembly = new FragmentAssembler(pool, header);
      assembly.add(buffer, header);
    }
  }

  private void whole(FrameScanner scanner, ByteBuffer buffer) throws ProtocolException {
    FrameHeader header = scanner.header();
    int end = scanner.end();
    if (header.opcode() == Opcode.TEXT
        && Utf8.check(buffer, header.payload(), end, header.maskKey(), Utf8.START) != Utf8.START) {
      throw new ProtocolException(CloseCode.INVALID_PAYLOAD, "text is not UTF-8");
    }
    frames.message(scanner.message());
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
        // The message is a view of the assembler's buffer: write its results before the release.
        frames.batchEnd();
      } finally {
        open.release();
      }
    }
  }

  /** Keeps an incomplete frame for the next read, in a buffer with room for more of it. */
  // Compares identity: the buffer may be the one that is already kept.
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

  /** Discards further input. It is still read, so that the peer gets to read our close frame. */
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

  /** Releases all buffers, including those of an unfinished message. */
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

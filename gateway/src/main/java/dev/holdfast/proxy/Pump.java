package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Copies one message from a source to a sink: an encoded head, then the body, which is decoded and
 * encoded again. Reads only after everything has been written, so that a slow sink throttles its
 * source. Holds a block only while it has bytes to write. Confined to its I/O thread.
 */
final class Pump {
  /** What a pump waits for, or how it ended. */
  enum State {
    WAITS_FOR_SOURCE,
    WAITS_FOR_SINK,
    DONE,
    SOURCE_BROKEN,
    SINK_BROKEN
  }

  /** Blocks that are copied before other connections get their turn. */
  private static final int TURNS = 16;

  /** Room before the data for the chunk size line. */
  static final int BEFORE = 16;

  /** Room after the data for its CRLF and the last chunk. */
  private static final int BEHIND = 16;

  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ConduitStreamSourceChannel source;
  private final ConduitStreamSinkChannel sink;
  private final Blocks blocks;
  private final BodyDecoder decoder;
  private final boolean chunked;
  private final boolean buffering;

  private @Nullable ByteBuffer head;
  private @Nullable ByteBuffer block;
  private @Nullable ByteBuffer tail;
  private byte @Nullable [] surplus;
  private boolean encoded;
  private long written;
  private String problem = "";

  /**
   * @param chunked whether to write the body in chunks
   * @param buffering whether source or sink buffer bytes that the selector cannot see, as TLS does
   */
  Pump(
      ConduitStreamSourceChannel source,
      ConduitStreamSinkChannel sink,
      Blocks blocks,
      BodyDecoder decoder,
      boolean chunked,
      boolean buffering) {
    this.source = source;
    this.sink = sink;
    this.blocks = blocks;
    this.decoder = decoder;
    this.chunked = chunked;
    this.buffering = buffering;
    encoded = decoder.finished();
  }

  /** Sets the head to write first, in a block that the pump releases. */
  void head(ByteBuffer bytes) {
    head = bytes;
  }

  /** Starts with a block whose bytes from {@code from} to {@code to} begin the body. */
  State begin(ByteBuffer first, int from, int to) {
    block = first;
    try {
      encode(from, to);
    } catch (ProtocolException malformed) {
      return broken(State.SOURCE_BROKEN, malformed);
    }
    return write(buffering);
  }

  /** Writes the head without reading, since the source has just been drained. */
  State begin() {
    return write(buffering);
  }

  /** Copies until the source is empty, the sink is full, or it is another connection's turn. */
  State run() {
    return write(true);
  }

  private State write(boolean mayRead) {
    boolean more = mayRead;
    for (int turn = 0; ; turn++) {
      try {
        if (!write()) {
          return State.WAITS_FOR_SINK;
        }
      } catch (IOException lost) {
        return broken(State.SINK_BROKEN, lost);
      }
      if (encoded) {
        return State.DONE;
      }
      if (!more) {
        return State.WAITS_FOR_SOURCE;
      }
      if (turn == TURNS) {
        source.wakeupReads();
        return State.WAITS_FOR_SOURCE;
      }
      try {
        more = read();
      } catch (IOException | ProtocolException lost) {
        return broken(State.SOURCE_BROKEN, lost);
      }
    }
  }

  private State broken(State state, Exception why) {
    problem = String.valueOf(why.getMessage());
    return state;
  }

  /** Returns whether everything has been written. */
  private boolean write() throws IOException {
    while (head != null || block != null || tail != null) {
      long count = writeOnce();
      written += count;
      giveIfEmpty();
      tail = tail == null || tail.hasRemaining() ? tail : null;
      // A short write means that the socket is full; TLS writes one record at a time.
      if ((head != null || block != null || tail != null) && (!buffering || count == 0)) {
        return false;
      }
    }
    return !buffering || sink.flush();
  }

  private long writeOnce() throws IOException {
    if (block == null && tail == null && head != null) {
      return sink.write(head);
    }
    if (head == null && tail == null && block != null) {
      return sink.write(block);
    }
    return sink.write(present(head, block, tail));
  }

  private static ByteBuffer[] present(@Nullable ByteBuffer... buffers) {
    List<ByteBuffer> all = new ArrayList<>(buffers.length);
    for (ByteBuffer buffer : buffers) {
      if (buffer != null) {
        all.add(buffer);
      }
    }
    return all.toArray(ByteBuffer[]::new);
  }

  /** Releases buffers that have been written. Each is released once, even if something throws. */
  private void giveIfEmpty() {
    ByteBuffer writtenHead = head;
    if (writtenHead != null && !writtenHead.hasRemaining()) {
      head = null;
      blocks.give(writtenHead);
    }
    ByteBuffer writtenBlock = block;
    if (writtenBlock != null && !writtenBlock.hasRemaining()) {
      block = null;
      blocks.give(writtenBlock);
    }
  }

  /** Returns whether another read is worth a system call. */
  private boolean read() throws IOException, ProtocolException {
    ByteBuffer into = blocks.take();
    int room = (int) Math.min(decoder.wanted(), into.capacity() - BEFORE - BEHIND);
    into.limit(BEFORE + room).position(BEFORE);
    int count;
    try {
      count = source.read(into);
    } catch (IOException lost) {
      blocks.give(into);
      throw lost;
    }
    if (count == 0) {
      blocks.give(into);
      return false;
    }
    block = into;
    if (count < 0) {
      decoder.endOfStream();
    }
    encode(BEFORE, BEFORE + Math.max(0, count));
    return count == room || buffering;
  }

  private void encode(int from, int to) throws ProtocolException {
    ByteBuffer bytes = block;
    if (bytes == null) {
      throw new IllegalStateException("no block to encode");
    }
    int length = to > from ? decoder.decode(bytes, from, to) : 0;
    bytes.limit(bytes.capacity());
    boolean last = decoder.finished();
    if (last && to > from && decoder.end() < to) {
      surplus = new byte[to - decoder.end()];
      bytes.get(decoder.end(), surplus);
    }
    bytes.limit(from + length).position(from);
    if (chunked) {
      frame(bytes, from, length, last);
    }
    encoded = last;
    giveIfEmpty();
  }

  private void frame(ByteBuffer bytes, int from, int length, boolean last) {
    bytes.limit(bytes.capacity());
    int start = from;
    int end = from + length;
    if (length > 0) {
      bytes.put(--start, (byte) '\n').put(--start, (byte) '\r');
      for (int left = length; left > 0; left >>>= 4) {
        bytes.put(--start, (byte) Character.forDigit(left & 15, 16));
      }
      bytes.put(end++, (byte) '\r').put(end++, (byte) '\n');
    }
    if (last && decoder.trailers().isEmpty()) {
      bytes.put(end, LAST_CHUNK);
      end += LAST_CHUNK.length;
    } else if (last) {
      tail = trailers();
    }
    bytes.limit(end).position(start);
  }

  private ByteBuffer trailers() {
    StringBuilder text = new StringBuilder("0\r\n");
    for (Header trailer : decoder.trailers()) {
      text.append(trailer.name()).append(": ").append(trailer.value()).append("\r\n");
    }
    text.append("\r\n");
    return ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Releases unwritten buffers. */
  void release() {
    ByteBuffer givenHead = head;
    ByteBuffer givenBlock = block;
    head = null;
    block = null;
    if (givenHead != null) {
      blocks.give(givenHead);
    }
    if (givenBlock != null) {
      blocks.give(givenBlock);
    }
  }

  /** Returns whether the whole body has been read; it may not have been written yet. */
  boolean sourceDone() {
    return decoder.finished();
  }

  /** Returns bytes that the source sent after the body. */
  byte @Nullable [] surplus() {
    return surplus;
  }

  /** Returns the number of bytes written, including heads. */
  long written() {
    return written;
  }

  /** Returns why the source or sink failed. */
  String problem() {
    return problem;
  }
}

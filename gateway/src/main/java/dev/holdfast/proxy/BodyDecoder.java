package dev.holdfast.proxy;

import dev.holdfast.protocol.ChunkDecoder;
import dev.holdfast.protocol.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;

/** Finds the data and the end of a message's body, RFC 9112 §6.3. Not thread-safe. */
sealed interface BodyDecoder {
  /**
   * Decodes the bytes from {@code from} to {@code to} and moves the data among them to {@code
   * from}.
   *
   * @return how many bytes of data there are now at {@code from}
   */
  int decode(ByteBuffer buffer, int from, int to) throws ProtocolException;

  /** The source has ended; an error unless the body may end so. */
  void endOfStream() throws ProtocolException;

  /** Whether the whole body has been decoded. */
  boolean finished();

  /** The index behind the last byte that belongs to the body. */
  int end();

  /** How many bytes can be read without reading beyond the body, as far as is known. */
  default long wanted() {
    return Long.MAX_VALUE;
  }

  /** The trailers of a finished body that are passed on. */
  default List<Header> trailers() {
    return List.of();
  }

  /** A body of known length, possibly none. */
  final class Fixed implements BodyDecoder {
    private long left;
    private int end;

    Fixed(long length) {
      left = length;
    }

    @Override
    public int decode(ByteBuffer buffer, int from, int to) {
      int length = (int) Math.min(left, to - from);
      left -= length;
      end = from + length;
      return length;
    }

    @Override
    public void endOfStream() throws ProtocolException {
      throw new ProtocolException("body ended " + left + " bytes early");
    }

    @Override
    public boolean finished() {
      return left == 0;
    }

    @Override
    public int end() {
      return end;
    }

    @Override
    public long wanted() {
      return left;
    }
  }

  /** A body in chunks. */
  final class Chunked implements BodyDecoder {
    private final ChunkDecoder chunks = new ChunkDecoder();
    private final Trailers trailers;

    Chunked(Trailers trailers) {
      this.trailers = trailers;
    }

    @Override
    public int decode(ByteBuffer buffer, int from, int to) throws ProtocolException {
      return chunks.decode(buffer, from, to);
    }

    @Override
    public void endOfStream() throws ProtocolException {
      throw new ProtocolException("chunked body ended without its last chunk");
    }

    @Override
    public boolean finished() {
      return chunks.finished();
    }

    @Override
    public int end() {
      return chunks.end();
    }

    @Override
    public List<Header> trailers() {
      return trailers.of(chunks.trailers());
    }
  }

  /** Everything until the source ends. */
  final class UntilClose implements BodyDecoder {
    private boolean ended;
    private int end;

    @Override
    public int decode(ByteBuffer buffer, int from, int to) {
      end = to;
      return to - from;
    }

    @Override
    public void endOfStream() {
      ended = true;
    }

    @Override
    public boolean finished() {
      return ended;
    }

    @Override
    public int end() {
      return end;
    }
  }
}

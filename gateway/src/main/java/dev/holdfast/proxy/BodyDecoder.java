package dev.holdfast.proxy;

import dev.holdfast.http1.ChunkDecoder;
import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;

/** Finds the data and the end of a message body, RFC 9112 §6.3. Not thread-safe. */
sealed interface BodyDecoder {
  /**
   * Decodes the bytes from {@code from} to {@code to} and moves the data to {@code from}.
   *
   * @return length of the data now at {@code from}
   */
  int decode(ByteBuffer buffer, int from, int to) throws ProtocolException;

  /** Called when the source has ended; throws unless that may delimit the body. */
  void endOfStream() throws ProtocolException;

  /** Returns whether the whole body has been decoded. */
  boolean finished();

  /** Returns the index after the last byte of the body. */
  int end();

  /** Returns an upper bound for the bytes to read without reading past the body. */
  default long wanted() {
    return Long.MAX_VALUE;
  }

  /** Returns the trailers of a finished body that may be forwarded. */
  default List<Header> trailers() {
    return List.of();
  }

  /** A body of known length, possibly 0. */
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

  /** A chunked body. */
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

  /** A body that is delimited by the end of the source. */
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

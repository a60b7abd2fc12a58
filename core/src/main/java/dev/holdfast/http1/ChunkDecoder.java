package dev.holdfast.http1;

import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes the chunked transfer coding in place, RFC 9112 §7.1. Strict: lines end with CRLF, and
 * sizes consist of hexadecimal digits only. Extensions are skipped.
 *
 * <pre>
 *   *( size [";" extension] CRLF data CRLF )
 *   "0" [";" extension] CRLF *( name ":" value CRLF ) CRLF
 * </pre>
 *
 * Not thread-safe.
 */
public final class ChunkDecoder {
  /** Maximum bytes of one chunk's extension, and of all trailers together. */
  private static final int EXTENSION_LIMIT = 1024;

  private static final int TRAILER_LIMIT = 8 * 1024;
  private static final int SIZE_DIGITS = 15;

  private enum State {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    TRAILER_LF,
    FINISHED
  }

  private final ByteArrayOutputStream line = new ByteArrayOutputStream(0);
  private final List<Header> trailers = new ArrayList<>(0);
  private State state = State.SIZE;
  private long size;
  private int digits;
  private int extension;
  private int trailerBytes;
  private int end;

  /**
   * Decodes the bytes from {@code from} to {@code to}, and moves their data to {@code from}.
   *
   * @return the number of data bytes that are now at {@code from}
   * @throws ProtocolException if the coding is malformed, or an extension or trailers are too long
   */
  public int decode(ByteBuffer buffer, int from, int to) throws ProtocolException {
    int out = from;
    int at = from;
    while (at < to && state != State.FINISHED) {
      if (state == State.DATA) {
        int length = (int) Math.min(size, to - at);
        if (out != at) {
          buffer.put(out, buffer, at, length);
        }
        out += length;
        at += length;
        size -= length;
        state = size == 0 ? State.DATA_CR : State.DATA;
      } else {
        state = next(buffer.get(at));
        at++;
      }
    }
    end = at;
    return out - from;
  }

  private State next(byte b) throws ProtocolException {
    return switch (state) {
      case SIZE -> size(b);
      case EXTENSION -> extension(b);
      case SIZE_LF -> sizeEnded(b);
      case DATA_CR -> expect(b, '\r', State.DATA_LF);
      case DATA_LF -> nextChunk(b);
      case TRAILER -> trailer(b);
      case TRAILER_LF -> trailerEnded(b);
      case DATA, FINISHED -> throw new IllegalStateException(state.toString());
    };
  }

  private State size(byte b) throws ProtocolException {
    int digit = b < 0 ? -1 : Character.digit(b, 16);
    if (digit >= 0) {
      digits++;
      if (digits > SIZE_DIGITS) {
        throw new ProtocolException("chunk size has more than " + SIZE_DIGITS + " digits");
      }
      size = size << 4 | digit;
      return State.SIZE;
    }
    if (digits == 0 || (b != '\r' && b != ';')) {
      throw new ProtocolException("malformed chunk size");
    }
    return b == '\r' ? State.SIZE_LF : State.EXTENSION;
  }

  private State extension(byte b) throws ProtocolException {
    extension++;
    if (extension > EXTENSION_LIMIT) {
      throw new ProtocolException("chunk extension has more than " + EXTENSION_LIMIT + " bytes");
    }
    if (b == '\r') {
      return State.SIZE_LF;
    }
    refuseControl(b);
    return State.EXTENSION;
  }

  private State sizeEnded(byte b) throws ProtocolException {
    extension = 0;
    digits = 0;
    return expect(b, '\n', size == 0 ? State.TRAILER : State.DATA);
  }

  private State nextChunk(byte b) throws ProtocolException {
    return expect(b, '\n', State.SIZE);
  }

  private State trailer(byte b) throws ProtocolException {
    if (b == '\r') {
      return State.TRAILER_LF;
    }
    trailerBytes++;
    if (trailerBytes > TRAILER_LIMIT) {
      throw new ProtocolException("trailers have more than " + TRAILER_LIMIT + " bytes");
    }
    refuseControl(b);
    line.write(b);
    return State.TRAILER;
  }

  private State trailerEnded(byte b) throws ProtocolException {
    if (line.size() == 0) {
      return expect(b, '\n', State.FINISHED);
    }
    trailers.add(header(line.toString(StandardCharsets.ISO_8859_1)));
    line.reset();
    return expect(b, '\n', State.TRAILER);
  }

  private static Header header(String text) throws ProtocolException {
    int colon = text.indexOf(':');
    boolean token = colon > 0;
    for (int i = 0; i < colon; i++) {
      token &= HttpToken.contains((byte) text.charAt(i));
    }
    if (!token) {
      throw new ProtocolException("malformed trailer line");
    }
    return new Header(text.substring(0, colon), text.substring(colon + 1).strip());
  }

  private static void refuseControl(byte b) throws ProtocolException {
    if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
      throw new ProtocolException("chunked body has a stray control character " + b);
    }
  }

  private static State expect(byte b, char expected, State next) throws ProtocolException {
    if (b != expected) {
      throw new ProtocolException("line of a chunked body does not end with CRLF");
    }
    return next;
  }

  /** Returns whether the last chunk and the trailers have been decoded. */
  public boolean finished() {
    return state == State.FINISHED;
  }

  /** Returns the index after the last decoded byte; later bytes belong to the next message. */
  public int end() {
    return end;
  }

  /** Returns the trailers; complete once {@link #finished}. */
  public List<Header> trailers() {
    return trailers;
  }
}

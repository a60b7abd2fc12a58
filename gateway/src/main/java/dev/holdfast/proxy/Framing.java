package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.util.List;

/**
 * How the end of a message body is delimited, RFC 9112 §6.3. Ambiguous messages are rejected.
 * Immutable.
 *
 * @param length bytes of a {@link Kind#FIXED} body
 */
record Framing(Kind kind, long length) {
  enum Kind {
    NONE,
    FIXED,
    CHUNKED,
    UNTIL_CLOSE
  }

  private static final Framing NONE = new Framing(Kind.NONE, 0);
  private static final Framing CHUNKED = new Framing(Kind.CHUNKED, 0);
  private static final Framing UNTIL_CLOSE = new Framing(Kind.UNTIL_CLOSE, 0);

  /** Maximum digits of a length, so that any value fits into a long. */
  private static final int LENGTH_DIGITS = 18;

  /**
   * Returns the framing of a request; the server has already rejected conflicting or repeated
   * headers.
   */
  static Framing ofRequest(HeaderMap headers, boolean http11) throws ProtocolException {
    String coding = headers.getFirst(Headers.TRANSFER_ENCODING);
    String length = headers.getFirst(Headers.CONTENT_LENGTH);
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked") || !http11 || length != null) {
        throw new ProtocolException("request with a transfer coding other than chunked");
      }
      return CHUNKED;
    }
    return length == null ? NONE : new Framing(Kind.FIXED, length(length));
  }

  /**
   * Returns the framing of a response; {@code bodyless} if the request or the status forbids a
   * body.
   */
  static Framing ofResponse(HttpResponseHead head, boolean bodyless) throws ProtocolException {
    if (bodyless) {
      return NONE;
    }
    List<String> codings = head.all("Transfer-Encoding");
    if (!codings.isEmpty()) {
      if (codings.size() > 1
          || !codings.get(0).equalsIgnoreCase("chunked")
          || head.minorVersion() == 0) {
        throw new ProtocolException("response with a transfer coding other than chunked");
      }
      return CHUNKED;
    }
    List<String> lengths = head.all("Content-Length");
    if (lengths.isEmpty()) {
      return UNTIL_CLOSE;
    }
    for (String length : lengths) {
      if (!length.equals(lengths.get(0))) {
        throw new ProtocolException("response with different lengths");
      }
    }
    return new Framing(Kind.FIXED, length(lengths.get(0)));
  }

  private static long length(String text) throws ProtocolException {
    boolean digits = !text.isEmpty() && text.length() <= LENGTH_DIGITS;
    long value = 0;
    for (int i = 0; digits && i < text.length(); i++) {
      char c = text.charAt(i);
      digits = c >= '0' && c <= '9';
      value = value * 10 + c - '0';
    }
    if (!digits) {
      throw new ProtocolException("malformed content length");
    }
    return value;
  }

  /** Returns whether no body follows the head. */
  boolean empty() {
    return kind == Kind.NONE || (kind == Kind.FIXED && length == 0);
  }

  /** Returns a decoder for such a body; chunked ones may carry these trailers. */
  BodyDecoder decoder(Trailers trailers) {
    return switch (kind) {
      case NONE, FIXED -> new BodyDecoder.Fixed(length);
      case CHUNKED -> new BodyDecoder.Chunked(trailers);
      case UNTIL_CLOSE -> new BodyDecoder.UntilClose();
    };
  }
}

package dev.holdfast.http1;

import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1 response, parsed strictly: ambiguous heads are refused, RFC 9112 §4 and §5.
 * Values are decoded as ISO 8859-1, so that they can be written back unchanged.
 *
 * <pre>
 *   HTTP/1.1 SP status SP [reason] CRLF
 *   *( name ":" OWS value OWS CRLF )
 *   CRLF
 * </pre>
 *
 * Immutable.
 */
public final class HttpResponseHead {
  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
  private static final int STATUS_AT = 9;

  /** Length of the status line up to the status: {@code HTTP/1.1 200}. */
  private static final int SHORTEST_LINE = 12;

  /** A field line. */
  public record Header(String name, String value) {}

  private final int status;
  private final int minorVersion;
  private final String reason;
  private final List<Header> headers;
  private final int end;

  private HttpResponseHead(
      int status, int minorVersion, String reason, List<Header> headers, int end) {
    this.status = status;
    this.minorVersion = minorVersion;
    this.reason = reason;
    this.headers = headers;
    this.end = end;
  }

  /**
   * Parses the head that starts at index {@code from}, without moving the position of the buffer.
   *
   * @return null if the head does not end before {@code to}
   * @throws ProtocolException if it is malformed or larger than {@code maxBytes}
   */
  public static @Nullable HttpResponseHead parse(ByteBuffer buffer, int from, int to, int maxBytes)
      throws ProtocolException {
    return new Search().parse(buffer, from, to, maxBytes);
  }

  /** Parses heads that arrive in pieces, and searches each byte once. Not thread-safe. */
  public static final class Search {
    /** Bytes of the current head that were searched for its end. */
    private int searched;

    /** Parses like {@link HttpResponseHead#parse}: a head until it is complete, then the next. */
    public @Nullable HttpResponseHead parse(ByteBuffer buffer, int from, int to, int maxBytes)
        throws ProtocolException {
      int end = endOfHead(buffer, from, from + searched, to);
      if ((end < 0 ? to : end) - from > maxBytes) {
        throw new ProtocolException("response head is larger than " + maxBytes + " bytes");
      }
      searched = end < 0 ? to - from : 0;
      return end < 0 ? null : read(buffer, from, end);
    }
  }

  private static int endOfHead(ByteBuffer buffer, int from, int begin, int to)
      throws ProtocolException {
    int i = Math.max(from + 3, begin);
    while (i < to) {
      byte b = buffer.get(i);
      if (b != '\n') {
        // No LF here: unless this is a CR, the four bytes of the end cannot start before the next
        // byte.
        i += b == '\r' ? 1 : 4;
      } else if (buffer.get(i - 1) == '\r'
          && buffer.get(i - 2) == '\n'
          && buffer.get(i - 3) == '\r') {
        return i + 1;
      } else {
        i += 2;
      }
    }
    refuseBareLineFeeds(buffer, from, begin, to);
    return -1;
  }

  /** Refuses lines that end with LF alone, since such a head would never be complete. */
  private static void refuseBareLineFeeds(ByteBuffer buffer, int from, int begin, int to)
      throws ProtocolException {
    for (int i = begin; i < to; i++) {
      if (buffer.get(i) == '\n' && (i == from || buffer.get(i - 1) != '\r')) {
        throw new ProtocolException(strayControl('\n'));
      }
    }
  }

  private static HttpResponseHead read(ByteBuffer buffer, int from, int end)
      throws ProtocolException {
    byte[] bytes = new byte[end - from];
    buffer.get(from, bytes);
    int lineEnd = endOfLine(bytes, 0);
    int status = status(bytes, lineEnd);
    int reasonAt = Math.min(STATUS_AT + 4, lineEnd);
    String reason = text(bytes, reasonAt, lineEnd);
    var headers = new ArrayList<Header>(16);
    int at = lineEnd + 2;
    while (at < bytes.length - 2) {
      lineEnd = endOfLine(bytes, at);
      headers.add(header(bytes, at, lineEnd));
      at = lineEnd + 2;
    }
    return new HttpResponseHead(status, bytes[STATUS_AT - 2] - '0', reason, headers, end);
  }

  private static int endOfLine(byte[] bytes, int from) throws ProtocolException {
    for (int i = from; ; i++) {
      byte b = bytes[i];
      if (b == '\r' && bytes[i + 1] == '\n') {
        return i;
      }
      if (b == '\n' || b == '\r' || b == 0) {
        throw new ProtocolException(strayControl(b));
      }
    }
  }

  private static String strayControl(int b) {
    return "response head has a stray control character " + b;
  }

  private static int status(byte[] bytes, int lineEnd) throws ProtocolException {
    boolean shaped =
        lineEnd >= SHORTEST_LINE
            && Arrays.equals(bytes, 0, VERSION.length, VERSION, 0, VERSION.length)
            && digit(bytes[VERSION.length])
            && bytes[STATUS_AT - 1] == ' '
            && (lineEnd == SHORTEST_LINE || bytes[SHORTEST_LINE] == ' ');
    int status = 0;
    for (int i = STATUS_AT; shaped && i < STATUS_AT + 3; i++) {
      shaped = digit(bytes[i]);
      status = status * 10 + bytes[i] - '0';
    }
    if (!shaped || status < 100) {
      throw new ProtocolException("malformed status line");
    }
    return status;
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static Header header(byte[] bytes, int from, int to) throws ProtocolException {
    int colon = from;
    while (colon < to && HttpToken.contains(bytes[colon])) {
      colon++;
    }
    if (colon == from || colon == to || bytes[colon] != ':') {
      throw new ProtocolException("malformed header line in a response");
    }
    int start = colon + 1;
    while (start < to && blank(bytes[start])) {
      start++;
    }
    int end = to;
    while (end > start && blank(bytes[end - 1])) {
      end--;
    }
    return new Header(text(bytes, from, colon), text(bytes, start, end));
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Returns the status code, 100 to 999. */
  public int status() {
    return status;
  }

  /** Returns the digit after {@code HTTP/1.}. */
  public int minorVersion() {
    return minorVersion;
  }

  /** Returns the reason phrase, which may be empty. */
  public String reason() {
    return reason;
  }

  /** Returns the field lines in their order. */
  public List<Header> headers() {
    return headers;
  }

  /** Returns the value of the first field line with this name, ignoring case. */
  public Optional<String> first(String name) {
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) {
        return Optional.of(header.value());
      }
    }
    return Optional.empty();
  }

  /** Returns the values of all field lines with this name, ignoring case. */
  public List<String> all(String name) {
    List<String> values = List.of();
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) {
        values = values.isEmpty() ? new ArrayList<>(1) : values;
        values.add(header.value());
      }
    }
    return values;
  }

  /** Returns the same head for a body of this many bytes, without a transfer coding. */
  public HttpResponseHead withLength(int bytes) {
    var changed = new ArrayList<Header>(headers.size() + 1);
    boolean measured = false;
    for (Header header : headers) {
      boolean length = header.name().equalsIgnoreCase("Content-Length");
      if (length && !measured) {
        changed.add(new Header(header.name(), Integer.toString(bytes)));
        measured = true;
      } else if (!length && !header.name().equalsIgnoreCase("Transfer-Encoding")) {
        changed.add(header);
      }
    }
    if (!measured) {
      changed.add(new Header("Content-Length", Integer.toString(bytes)));
    }
    return new HttpResponseHead(status, minorVersion, reason, changed, end);
  }

  /** Returns the buffer index after the head, where the body starts. */
  public int end() {
    return end;
  }
}

package dev.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the end of a request's head, and refuses every head that two servers could read
 * differently: RFC 9112 §2 to §6 without what it lets a recipient tolerate. Bytes may come in any
 * pieces. Not thread-safe.
 */
public final class RequestHead {
  /** Why a head is refused. */
  public enum Refusal {
    /** It breaks the grammar, or its framing is ambiguous. */
    MALFORMED,
    /** It is larger than the limit, or has too many fields. */
    TOO_LARGE
  }

  /** A head is refused. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final String why;

    private Refused(Refusal refusal, String why) {
      super(why, null, false, false);
      this.refusal = refusal;
      this.why = why;
    }

    /** What is wrong with it; holds nothing of what the peer sent. */
    public String why() {
      return why;
    }

    /** How it is answered. */
    public Refusal refusal() {
      return refusal;
    }
  }

  private enum At {
    START,
    START_LF,
    METHOD,
    TARGET,
    VERSION,
    VERSION_LF,
    FIELD,
    NAME,
    VALUE,
    VALUE_LF,
    END_LF
  }

  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  /** Empty lines that a client may send behind an earlier body: RFC 9112 §2.2. */
  private static final int EMPTY_LINES = 4;

  private static final int METHOD_BYTES = 32;

  /** Longer than the names and values that decide about the framing. */
  private static final int KEPT = 24;

  /** Digits of a length that fits into a long, whatever they are. */
  private static final int LENGTH_DIGITS = 18;

  private final int limit;
  private final int maxFields;
  private final StringBuilder name = new StringBuilder(KEPT);
  private final StringBuilder value = new StringBuilder(KEPT);
  private At at = At.START;
  private int bytes;
  private int emptyLines;
  private int part;
  private int fields;
  private boolean http11;
  private int hosts;
  private int lengths;
  private int codings;

  /**
   * A reader of heads.
   *
   * @param limit the largest head, in bytes, with its last empty line
   * @param maxFields how many field lines it may have
   */
  public RequestHead(int limit, int maxFields) {
    this.limit = limit;
    this.maxFields = maxFields;
  }

  /** Begins with the next head. */
  public void reset() {
    at = At.START;
    bytes = 0;
    emptyLines = 0;
    part = 0;
    fields = 0;
    http11 = false;
    hosts = 0;
    lengths = 0;
    codings = 0;
  }

  /** Whether a byte of the head has been read. */
  public boolean hasBegun() {
    return bytes > 0;
  }

  /**
   * Reads the bytes from {@code from} to {@code to}.
   *
   * @return the index behind the head's last byte, or -1 if it goes on
   * @throws Refused if the head must not be served
   */
  public int read(ByteBuffer buffer, int from, int to) throws Refused {
    for (int i = from; i < to; i++) {
      if (++bytes > limit) {
        throw new Refused(Refusal.TOO_LARGE, "a request's head is over " + limit + " bytes");
      }
      if (read(buffer.get(i))) {
        return i + 1;
      }
    }
    return -1;
  }

  /** Whether this was the last byte. */
  private boolean read(byte b) throws Refused {
    switch (at) {
      case START -> start(b);
      case START_LF -> lineFeed(b, At.START);
      case METHOD -> method(b);
      case TARGET -> target(b);
      case VERSION -> version(b);
      case VERSION_LF -> lineFeed(b, At.FIELD);
      case FIELD -> field(b);
      case NAME -> name(b);
      case VALUE -> value(b);
      case VALUE_LF -> {
        lineFeed(b, At.FIELD);
        fieldEnd();
      }
      case END_LF -> {
        lineFeed(b, At.START);
        end();
        return true;
      }
    }
    return false;
  }

  private static Refused malformed(String why) {
    return new Refused(Refusal.MALFORMED, why);
  }

  private void lineFeed(byte b, At next) throws Refused {
    if (b != '\n') {
      throw malformed("a carriage return without a line feed");
    }
    at = next;
  }

  private void start(byte b) throws Refused {
    if (b == '\r' && emptyLines++ < EMPTY_LINES) {
      at = At.START_LF;
    } else {
      at = At.METHOD;
      part = 0;
      method(b);
    }
  }

  private void method(byte b) throws Refused {
    if (b == ' ' && part > 0) {
      at = At.TARGET;
      part = 0;
    } else if (!HttpToken.contains(b) || ++part > METHOD_BYTES) {
      throw malformed("no HTTP request");
    }
  }

  private void target(byte b) throws Refused {
    if (b == ' ' && part > 0) {
      at = At.VERSION;
      part = 0;
    } else if ((b >= 0 && b <= ' ') || b == 0x7f) {
      throw malformed("a blank or control character in the target");
    } else {
      part = 1;
    }
  }

  private void version(byte b) throws Refused {
    boolean expected =
        part < VERSION.length ? b == VERSION[part] : part > VERSION.length || b == '0' || b == '1';
    if (part == VERSION.length) {
      http11 = b == '1';
    } else if (part > VERSION.length) {
      expected = b == '\r';
      at = At.VERSION_LF;
    }
    if (!expected) {
      throw malformed("no version of HTTP/1");
    }
    part++;
  }

  private void field(byte b) throws Refused {
    if (b == '\r') {
      at = At.END_LF;
      return;
    }
    if (++fields > maxFields) {
      throw new Refused(Refusal.TOO_LARGE, "a request has more than " + maxFields + " fields");
    }
    if (b == ' ' || b == '\t') {
      throw malformed(fields == 1 ? "a blank before the first field" : "a folded field");
    }
    name.setLength(0);
    at = At.NAME;
    name(b);
  }

  private void name(byte b) throws Refused {
    if (b == ':' && name.length() > 0) {
      at = At.VALUE;
      value.setLength(0);
    } else if (!HttpToken.contains(b)) {
      throw malformed("a field name is no token");
    } else if (name.length() < KEPT) {
      name.append((char) (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b));
    }
  }

  private void value(byte b) throws Refused {
    if (b == '\r') {
      at = At.VALUE_LF;
    } else if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
      throw malformed("a control character in a field value");
    } else if (value.length() < KEPT && (value.length() > 0 || (b != ' ' && b != '\t'))) {
      value.append((char) (b & 0xff));
    }
  }

  private void fieldEnd() throws Refused {
    switch (name.toString()) {
      case "host" -> hosts++;
      case "content-length" -> {
        lengths++;
        if (!isLength(value.toString().strip())) {
          throw malformed("a malformed content length");
        }
      }
      case "transfer-encoding" -> {
        codings++;
        if (!value.toString().strip().equalsIgnoreCase("chunked")) {
          throw malformed("a transfer coding other than chunked");
        }
      }
      default -> {
        // Nothing of the framing.
      }
    }
  }

  private static boolean isLength(String text) {
    return !text.isEmpty()
        && text.length() <= LENGTH_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private void end() throws Refused {
    if (lengths + codings > 1) {
      throw malformed("two fields that say where the body ends");
    }
    if (codings > 0 && !http11) {
      throw malformed("a transfer coding in HTTP/1.0");
    }
    if (hosts > 1 || (hosts == 0 && http11)) {
      throw malformed(hosts == 0 ? "no Host" : "more than one Host");
    }
  }
}

package dev.holdfast.http1;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Finds the end of a request head, and refuses every head that two servers could interpret
 * differently: RFC 9112 §2 to §6. Of the leniency that the RFC allows, it accepts empty lines
 * before the head and several spaces around the target, as other proxies do. Bytes may arrive in
 * any pieces. Each instance reads one head. Not thread-safe.
 */
public final class RequestHead {
  /** Why a head is refused. */
  public enum Refusal {
    /** It breaks the grammar, or its framing is ambiguous. */
    MALFORMED,
    /** It is larger than the limit, or has too many fields. */
    TOO_LARGE
  }

  /** Thrown when a head is refused. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal refusal;
    private final String why;

    private Refused(Refusal refusal, String why) {
      super(why, null, false, false);
      this.refusal = refusal;
      this.why = why;
    }

    /** Returns what is wrong with the head; contains nothing that the peer sent. */
    public String why() {
      return why;
    }

    /** Returns the kind of refusal, which determines the response. */
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

  private static final byte[] COVER = "_".repeat(128).getBytes(StandardCharsets.US_ASCII);

  private static final String HOST = "host";
  private static final String COOKIE = "cookie";
  private static final String LENGTH = "content-length";
  private static final String CODING = "transfer-encoding";
  private static final String OTHER = "";
  private static final int METHOD_BYTES = 32;

  /** Characters kept of names and values; longer than those that determine the framing. */
  private static final int KEPT = 24;

  /** Maximum digits of a length; all such numbers fit into a long. */
  private static final int LENGTH_DIGITS = 18;

  private final int limit;
  private final int maxFields;
  private final StringBuilder name = new StringBuilder(KEPT);
  private final StringBuilder value = new StringBuilder(KEPT);
  private At at = At.START;

  /** The name of the current field if it may be a relevant one. */
  private String field = OTHER;

  /** Whether its value is kept, since it determines where the body ends. */
  private boolean framing;

  private int bytes;
  private int part;
  private int fields;
  private boolean http11;
  private int hosts;
  private int lengths;
  private int codings;
  private int cookies;
  private boolean unusual;
  private boolean blank;

  // Indices of bytes, relative to the first byte of the head.
  private int methodAt;
  private int blankAt;
  private int targetAt;
  private int targetEnd;
  private int versionAt;
  private int fieldsAt;
  private int valueAt;
  private int hostAt;
  private int hostEnd;

  /**
   * Creates a reader for one head.
   *
   * @param limit maximum bytes, including empty lines before the head and the one that ends it
   * @param maxFields maximum number of field lines
   */
  public RequestHead(int limit, int maxFields) {
    this.limit = limit;
    this.maxFields = maxFields;
  }

  /**
   * Reads the bytes from {@code from} to {@code to}.
   *
   * @return the index after the head's last byte, or -1 if the head is incomplete
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

  /** Reads a byte; returns whether it was the last of the head. */
  private boolean read(byte b) throws Refused {
    switch (at) {
      case START -> start(b);
      case START_LF -> lineFeed(b, At.START);
      case METHOD -> method(b);
      case TARGET -> target(b);
      case VERSION -> version(b);
      case VERSION_LF -> {
        lineFeed(b, At.FIELD);
        fieldsAt = bytes;
      }
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
    if (b == '\r') {
      at = At.START_LF;
    } else {
      at = At.METHOD;
      methodAt = bytes - 1;
      part = 0;
      method(b);
    }
  }

  private void method(byte b) throws Refused {
    if (b == ' ' && part > 0) {
      at = At.TARGET;
      blankAt = bytes - 1;
      part = 0;
    } else if (!HttpToken.contains(b) || ++part > METHOD_BYTES) {
      throw malformed("no HTTP request");
    }
  }

  private void target(byte b) throws Refused {
    if (b == ' ') {
      at = part > 0 ? At.VERSION : At.TARGET;
      targetEnd = bytes - 1;
      part = 0;
    } else if ((b >= 0 && b < ' ') || b == 0x7f) {
      throw malformed("a control character in the target");
    } else if (part == 0) {
      targetAt = bytes - 1;
      part = 1;
    }
  }

  private void version(byte b) throws Refused {
    if (b == ' ' && part == 0) {
      return;
    }
    // A later minor version is treated as HTTP/1.1: RFC 9110 §2.5.
    boolean expected =
        part < VERSION.length
            ? b == VERSION[part]
            : part > VERSION.length || (b >= '0' && b <= '9');
    if (part == 0) {
      versionAt = bytes - 1;
    } else if (part == VERSION.length) {
      http11 = b != '0';
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
      field = candidate();
      framing = field.equals(LENGTH) || field.equals(CODING);
      valueAt = bytes;
      blank = false;
      value.setLength(0);
    } else if (!HttpToken.contains(b)) {
      throw malformed("a field name is no token");
    } else if (name.length() < KEPT) {
      name.append((char) (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b));
    }
  }

  /** Returns the name if it is as long as a relevant one. */
  private String candidate() {
    return switch (name.length()) {
      case 4, 6, 14, 17 -> name.toString();
      default -> OTHER;
    };
  }

  private void value(byte b) throws Refused {
    if (b == '\r') {
      at = At.VALUE_LF;
      return;
    }
    if (b == '\n' || b == 0) {
      throw malformed("a line feed or a zero byte in a field value");
    }
    unusual |= isUnusual(b) || b == '\t' || (b == ' ' && blank);
    blank = b == ' ';
    if (framing && (value.length() > 0 || !WrittenHead.isBlank(b))) {
      keep((char) (b & 0xff));
    }
  }

  /**
   * Appends a character; when full, replaces the last one unless {@code c} is a blank. Thus no long
   * value looks like a short one.
   */
  private void keep(char c) {
    if (value.length() < KEPT) {
      value.append(c);
    } else if (!WrittenHead.isBlank(c)) {
      value.setCharAt(KEPT - 1, c);
    }
  }

  private void fieldEnd() throws Refused {
    switch (field) {
      case HOST -> {
        hosts++;
        hostAt = valueAt;
        hostEnd = bytes - 2;
      }
      case COOKIE -> cookies++;
      case LENGTH -> {
        lengths++;
        if (!isLength(WrittenHead.strip(value.toString()))) {
          throw malformed("a malformed content length");
        }
      }
      case CODING -> {
        codings++;
        if (!WrittenHead.strip(value.toString()).equalsIgnoreCase("chunked")) {
          throw malformed("a transfer coding other than chunked");
        }
      }
      default -> {
        // Irrelevant to the framing.
      }
    }
  }

  private static boolean isLength(String text) {
    return !text.isEmpty()
        && text.length() <= LENGTH_DIGITS
        && WrittenHead.allMatch(text, c -> c >= '0' && c <= '9');
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

  /** Returns the bytes of the empty lines before a complete head. */
  public int emptyBytes() {
    return methodAt;
  }

  /**
   * Returns parts of a complete head as written.
   *
   * @param from index in the buffer where it begins, with the empty lines before it
   * @throws Refused if {@code Host} is more than a host
   */
  public WrittenHead written(ByteBuffer buffer, int from) throws Refused {
    String host = WrittenHead.value(buffer, from + hostAt, from + hostEnd);
    if (!WrittenHead.allMatch(host, c -> c > ' ' && c != 0x7f && c != '/')) {
      throw malformed("a blank, a slash or a control character in Host");
    }
    return new WrittenHead(
        WrittenHead.text(buffer, from + targetAt, from + targetEnd),
        hosts == 0 ? Optional.empty() : Optional.of(host),
        unusual || cookies > 1
            ? WrittenHead.fields(buffer, from + fieldsAt, from + bytes - 2)
            : List.of());
  }

  /**
   * Overwrites what some parsers reject although it does not affect the framing: the target, {@code
   * Host}, the version, and bytes of values that are not visible ASCII. All else stays.
   */
  public void cover(ByteBuffer buffer, int from) {
    buffer.put(from + blankAt + 1, (byte) '/');
    cover(buffer, from + blankAt + 2, from + versionAt - 1);
    cover(buffer, from + hostAt, from + hostEnd);
    if (http11) {
      buffer.put(from + versionAt + VERSION.length, (byte) '1');
    }
    for (int i = from + fieldsAt; unusual && i < from + bytes; i++) {
      if (isUnusual(buffer.get(i))) {
        buffer.put(i, COVER[0]);
      }
    }
  }

  private static void cover(ByteBuffer buffer, int from, int to) {
    for (int i = from; i < to; i += COVER.length) {
      buffer.put(i, COVER, 0, Math.min(COVER.length, to - i));
    }
  }

  /** Returns whether a byte is neither visible ASCII nor part of the head's structure. */
  private static boolean isUnusual(byte b) {
    return b == 0x7f || (b < ' ' && b != '\t' && b != '\r' && b != '\n');
  }
}

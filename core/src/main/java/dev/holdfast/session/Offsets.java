package dev.holdfast.session;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes and reads the offsets of events, which socket.io-client names when it reconnects. An
 * offset is the last argument of an event, or a marker event without a handler.
 *
 * <pre>
 *   argument   42["events",{…},"tag.7"]      451-["file",{…},"tag.7"]
 *   marker     42["~o","tag.7"]
 * </pre>
 */
final class Offsets {
  private static final byte[] MARKER = ascii("42[\"~o\",\"");
  private static final byte[] END = ascii("\"]");

  /** Digits of the largest long. Fewer digits are read, so that no counter overflows. */
  private static final int MAX_DIGITS = 19;

  private final byte[] tag;
  private final int markerRoom;

  /** The last offset as an argument, {@code ,"tag.7"]}, at the end of the array. */
  private final byte[] text;

  private int start;
  private long printed = -1;

  /**
   * Creates the offsets of one session. The tag distinguishes them from those of other sessions.
   */
  Offsets(String tag) {
    this.tag = ascii(tag + ".");
    this.text = new byte[2 + this.tag.length + MAX_DIGITS + END.length];
    System.arraycopy(END, 0, text, text.length - END.length, END.length);
    this.markerRoom = 2 + MARKER.length + this.tag.length + MAX_DIGITS + 2;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the maximum size of a marker, in bytes. */
  int markerRoom() {
    return markerRoom;
  }

  /** Returns the maximum number of bytes that an offset adds to an event. */
  int argumentRoom() {
    return FrameHeader.MAX_BYTES + 3 + tag.length + MAX_DIGITS;
  }

  /** Returns whether an event can take another argument; {@code json} is the index of its JSON. */
  static boolean canTakeArgument(Message event, int json) {
    int first = event.byteAt(json + 1);
    return event.byteAt(event.length() - 1) == ']'
        && (first == '"' || (first >= '0' && first <= '9'));
  }

  /** Writes an unmasked event with its offset as the last argument. */
  void writeArgument(ByteBuffer target, Message event, long counter) {
    print(counter);
    int kept = event.length() - 1;
    int added = text.length - start;
    FrameHeader.write(target, Opcode.TEXT, kept + (long) added);
    int at = target.position();
    target.put(at, event.buffer(), event.payload(), kept);
    target.position(at + kept).put(text, start, added);
  }

  /** Returns the JSON of an event without its last argument, the offset with this counter. */
  byte[] withoutArgument(byte[] json, long counter) {
    print(counter);
    int kept = json.length - text.length + start;
    byte[] event = Arrays.copyOf(json, kept + 1);
    event[kept] = ']';
    return event;
  }

  /** Writes a marker. */
  void writeMarker(ByteBuffer target, long counter) {
    print(counter);
    // Without the comma and the quote that precede an argument.
    int from = start + 2;
    int added = text.length - from;
    FrameHeader.write(target, Opcode.TEXT, MARKER.length + (long) added);
    target.put(MARKER).put(text, from, added);
  }

  /** Sets the text to the offset with this counter, which is nearly always the next one. */
  private void print(long counter) {
    if (counter == printed + 1 && increment()) {
      printed = counter;
    } else if (counter != printed) {
      printed = counter;
      int at = lastDigit() + 1;
      long rest = counter;
      do {
        text[--at] = (byte) ('0' + rest % 10);
        rest /= 10;
      } while (rest > 0);
      System.arraycopy(tag, 0, text, at - tag.length, tag.length);
      text[at - tag.length - 1] = '"';
      text[at - tag.length - 2] = ',';
      start = at - tag.length - 2;
    }
  }

  private int lastDigit() {
    return text.length - END.length - 1;
  }

  /** Increments the counter in place. Returns false if that takes another digit. */
  private boolean increment() {
    int at = lastDigit();
    while (text[at] == '9') {
      text[at--] = '0';
    }
    if (!isDigit(text[at])) {
      return false;
    }
    text[at]++;
    return true;
  }

  /** Returns whether a packet is a marker of any session. */
  static boolean isMarker(Message packet) {
    // Nearly every event differs in this byte.
    if (packet.byteAt(4) != '~') {
      return false;
    }
    for (int i = 0; i < MARKER.length; i++) {
      if (packet.byteAt(i) != MARKER[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the counter of the offset at the end of a packet; -1 if it has none of this session.
   */
  long endOf(Message packet) {
    int at = packet.length() - 3;
    if (at < 0 || packet.byteAt(at + 1) != '"' || packet.byteAt(at + 2) != ']') {
      return -1;
    }
    int last = at;
    while (at >= 0 && last - at < MAX_DIGITS - 1 && isDigit(packet.byteAt(at))) {
      at--;
    }
    int start = at - tag.length + 1;
    if (at == last || start < 1 || packet.byteAt(start - 1) != '"') {
      return -1;
    }
    for (int i = 0; i < tag.length; i++) {
      if (packet.byteAt(start + i) != tag[i]) {
        return -1;
      }
    }
    long counter = 0;
    for (int i = at + 1; i <= last; i++) {
      counter = counter * 10 + packet.byteAt(i) - '0';
    }
    return counter;
  }

  private static boolean isDigit(int octet) {
    return octet >= '0' && octet <= '9';
  }

  /** Returns the counter of an offset that a client names; -1 if it is not of this session. */
  long read(String offset) {
    byte[] text = offset.getBytes(StandardCharsets.UTF_8);
    int length = text.length - tag.length;
    if (length < 1 || length >= MAX_DIGITS) {
      return -1;
    }
    for (int i = 0; i < tag.length; i++) {
      if (text[i] != tag[i]) {
        return -1;
      }
    }
    long counter = 0;
    for (int i = tag.length; i < text.length; i++) {
      if (!isDigit(text[i])) {
        return -1;
      }
      counter = counter * 10 + text[i] - '0';
    }
    return counter;
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How a client learns the offset of what it got, so that socket.io-client can name it when it comes
 * back: as the last argument of an event, or as an event of its own that no handler listens to.
 *
 * <pre>
 *   argument   42["events",{…},"tag.7"]      451-["file",{…},"tag.7"]
 *   marker     42["~o","tag.7"]
 * </pre>
 */
final class Offsets {
  private static final byte[] MARKER = ascii("42[\"~o\",\"");
  private static final byte[] END = ascii("\"]");

  /** Of the largest long; one digit less is all that is read, so that no counter overflows. */
  private static final int MAX_DIGITS = 19;

  private final byte[] tag;
  private final int markerRoom;

  /** The last offset as an argument, {@code ,"tag.7"]}, at the end of the array. */
  private final byte[] text;

  private int start;
  private long printed = -1;

  /** Offsets of one session; the tag keeps them apart from those of other sessions. */
  Offsets(String tag) {
    this.tag = ascii(tag + ".");
    this.text = new byte[2 + this.tag.length + MAX_DIGITS + END.length];
    System.arraycopy(END, 0, text, text.length - END.length, END.length);
    this.markerRoom = 2 + MARKER.length + this.tag.length + MAX_DIGITS + 2;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Bytes that any marker takes at most. */
  int markerRoom() {
    return markerRoom;
  }

  /** Bytes that any offset adds to an event at most. */
  int argumentRoom() {
    return FrameHeader.MAX_BYTES + 3 + tag.length + MAX_DIGITS;
  }

  /** Whether an event's JSON, of which the header was read, can take a further argument. */
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

  /** Writes a marker. */
  void writeMarker(ByteBuffer target, long counter) {
    print(counter);
    // Without the comma and the quote that an argument has before it.
    int from = start + 2;
    int added = text.length - from;
    FrameHeader.write(target, Opcode.TEXT, MARKER.length + (long) added);
    target.put(MARKER).put(text, from, added);
  }

  /** Makes the text that of this counter; it is nearly always the next one. */
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

  /** Counts one on in place; false if that takes a further digit. */
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

  /** Whether a packet is a marker, of whichever session. */
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

  /** The counter of the offset that a packet ends with; -1 if it ends with none of ours. */
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

  /** The counter in an offset that a client names; -1 if it is none of ours. */
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

package dev.holdfast.protocol;

/**
 * Matches the name of an event: the first element of its JSON array, RFC 8259. Whitespace may
 * precede the name and any character may be escaped, since the upstream accepts both.
 */
public final class EventName {
  private static final int ESCAPE_DIGITS = 4;

  private EventName() {}

  /**
   * Returns whether an event has this name.
   *
   * @param json offset of its array in the payload
   * @param name the name, in ASCII
   */
  public static boolean is(Message event, int json, String name) {
    int end = end(event, json, name);
    return end >= 0 && event.byteAt(end) == '"';
  }

  /**
   * Returns whether the name of an event begins so.
   *
   * @param json offset of its array in the payload
   * @param prefix the beginning, in ASCII
   */
  public static boolean begins(Message event, int json, String prefix) {
    return end(event, json, prefix) >= 0;
  }

  /** Returns the offset after the beginning of the event's name; -1 if it begins otherwise. */
  private static int end(Message event, int json, String name) {
    int at = json + 1;
    while (SocketPacketHeader.isBlank(event.byteAt(at))) {
      at++;
    }
    if (event.byteAt(at++) != '"') {
      return -1;
    }
    for (int i = 0; i < name.length(); i++) {
      int octet = event.byteAt(at++);
      int character = octet;
      if (octet == '\\') {
        boolean unicode = event.byteAt(at) == 'u';
        character = unicode ? unicode(event, at + 1) : event.byteAt(at);
        // No name to match contains a control character.
        boolean control = !unicode && "bfnrt".indexOf(character) >= 0;
        character = control ? -1 : character;
        at += unicode ? 1 + ESCAPE_DIGITS : 1;
      }
      if (character != name.charAt(i)) {
        return -1;
      }
    }
    return at;
  }

  private static int unicode(Message event, int at) {
    int character = 0;
    for (int i = 0; i < ESCAPE_DIGITS; i++) {
      int digit = Character.digit(event.byteAt(at + i), 16);
      if (digit < 0) {
        return -1;
      }
      character = character << 4 | digit;
    }
    return character;
  }
}

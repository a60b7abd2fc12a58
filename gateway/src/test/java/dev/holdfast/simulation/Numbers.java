package dev.holdfast.simulation;

/** Reads numbers out of packets. */
final class Numbers {
  private Numbers() {}

  /** The number right behind a text; -1 if there is none. */
  static int after(String packet, String text) {
    int at = packet.indexOf(text);
    if (at < 0) {
      return -1;
    }
    int from = at + text.length();
    int to = from;
    while (to < packet.length() && Character.isDigit(packet.charAt(to))) {
      to++;
    }
    return to == from ? -1 : Integer.parseInt(packet, from, to, 10);
  }
}

package dev.holdfast.session;

import java.util.ArrayList;
import java.util.List;

/** What was said in a conversation, if anybody wants to know. */
final class ModelTrace {
  private final boolean wanted;
  final List<String> lines = new ArrayList<>();

  ModelTrace(boolean wanted) {
    this.wanted = wanted;
  }

  /** Adds a line: who, what, and to or from whom. */
  void say(String who, int number, String what, Object packets) {
    if (wanted) {
      lines.add(
          who + " " + number + " " + what + " " + packets.toString().replaceAll("x{9,}", "x…"));
    }
  }
}

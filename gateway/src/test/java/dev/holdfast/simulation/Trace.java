package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.List;

/** What happened in a conversation, for somebody who has to find out why it failed. */
final class Trace {
  private final boolean kept;
  private final List<String> lines = new ArrayList<>();

  Trace(boolean kept) {
    this.kept = kept;
  }

  boolean isKept() {
    return kept;
  }

  void say(long now, String who, String what) {
    if (kept) {
      lines.add("%10.3f ms  %-12s %s".formatted(now / 1e6, who, what));
    }
  }

  List<String> lines() {
    return lines;
  }
}

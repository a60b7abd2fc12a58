package dev.holdfast.session;

import java.util.ArrayList;

/** What a session asked of its node, and told it. */
final class Heard extends ArrayList<String> {
  private static final long serialVersionUID = 1;

  /** The call that throws once begins with this. */
  String failsAt = "nothing";

  @Override
  public boolean add(String call) {
    super.add(call);
    if (call.startsWith(failsAt)) {
      failsAt = "nothing";
      throw new IllegalStateException("a fault of the node");
    }
    return true;
  }
}

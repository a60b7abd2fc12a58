package dev.holdfast.http1;

import java.util.List;

/** Records when accepting is suspended and resumed. */
record RecordedPort(List<String> events) implements AcceptGate.Port {
  @Override
  public void suspendAccepts() {
    events.add("suspended");
  }

  @Override
  public void resumeAccepts() {
    events.add("resumed");
  }
}

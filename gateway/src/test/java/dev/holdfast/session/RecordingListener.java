package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Records the events of a connection as text. */
public class RecordingListener implements EngineConnection.Listener {
  private final List<String> events;

  /** Creates a listener that appends to this list. */
  public RecordingListener(List<String> events) {
    this.events = events;
  }

  @Override
  public void message(Message message) {
    events.add(new String(message.bytes(0), StandardCharsets.UTF_8));
  }

  @Override
  public void batchEnd() {
    events.add("batch end");
  }

  @Override
  public void writable() {
    events.add("writable");
  }

  @Override
  public void acknowledged(long bytes) {
    events.add("acknowledged " + bytes);
  }

  @Override
  public void closed(CloseReason reason) {
    events.add("closed " + reason.label());
  }
}

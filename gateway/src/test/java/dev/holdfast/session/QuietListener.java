package dev.holdfast.session;

import dev.holdfast.protocol.Message;

/** Does nothing about what it hears. */
public class QuietListener implements EngineConnection.Listener {
  @Override
  public void message(Message message) {}

  @Override
  public void batchEnd() {}

  @Override
  public void writable() {}

  @Override
  public void acknowledged(long bytes) {}

  @Override
  public void closed(CloseReason reason) {}
}

package dev.holdfast.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Ignores all notifications, but counts events that the given compactor merges. */
public abstract class NoOpSessionContext implements SessionContext {
  /** What merges events that wait. */
  Optional<Compactor> compactor = Optional.empty();

  long merged;

  @Override
  public void overlapping() {}

  @Override
  public void switchedOver(SwitchoverResult result) {}

  @Override
  public void bothLinksLost() {}

  @Override
  public List<PacketStage> stages() {
    return List.of();
  }

  @Override
  public void stageFailed(String stage) {}

  @Override
  public void admitted(byte[] reply) {}

  @Override
  public void announced() {}

  @Override
  public void pidRevoked(String pid) {}

  @Override
  public void pidsRevoked() {}

  @Override
  public boolean mayPark() {
    return true;
  }

  @Override
  public void parked() {}

  @Override
  public void parkedBytes(long bytes) {}

  @Override
  public void unparked() {}

  @Override
  public void caughtUp(Duration stall) {}

  @Override
  public void relinked() {}

  @Override
  public void memoryShort() {}

  @Override
  public void accepted(long events) {}

  @Override
  public void delivered(long events) {}

  @Override
  public void merged(long events) {
    merged += events;
  }

  @Override
  public Optional<Compactor> compactor() {
    return compactor;
  }

  @Override
  public void givenUp(String reason, long events) {}

  @Override
  public void replayed(long events, long bytes) {}

  @Override
  public void answerDropped() {}

  @Override
  public void ended(CloseReason reason) {}
}

package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ManualTimers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AcceptQueueTest {
  private final ManualTimers timers = new ManualTimers();
  private final List<Integer> begun = new ArrayList<>();
  private final List<String> port = new ArrayList<>();
  private final AcceptGate.Port recorded = new RecordedPort(port);
  private final AcceptQueue<Integer> queue = new AcceptQueue<>(timers, recorded, begun::add);

  private void come(int count) {
    for (int i = 0; i < count; i++) {
      queue.add(begun.size() + i);
    }
  }

  @Test
  void connectionThatComesAloneBeginsAtOnce() {
    for (int i = 1; i < 100; i++) {
      queue.add(i);
      timers.pass(AcceptQueue.PAUSE);
      assertThat(begun).hasSize(i);
    }
  }

  @Test
  void threadServesItsSocketsBetweenAFewThatBegin() {
    for (int i = 0; i < 100; i++) {
      queue.add(i);
    }

    for (int batches = 1; batches <= 100 / AcceptQueue.BATCH; batches++) {
      assertThat(begun).hasSize(batches * AcceptQueue.BATCH);
      timers.pass(AcceptQueue.PAUSE);
    }
    assertThat(begun).containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    timers.pass(AcceptQueue.PAUSE);
    come(1);
    assertThat(begun).hasSize(101);
  }

  @Test
  void noMoreAreAcceptedWhileManyWait() {
    come(AcceptQueue.BATCH + AcceptQueue.MAX_WAITING - 1);
    assertThat(port).isEmpty();
    come(2);
    assertThat(port).containsExactly("suspended");

    while (begun.size() < AcceptQueue.MAX_WAITING / 2) {
      timers.pass(AcceptQueue.PAUSE);
      assertThat(port).containsExactly("suspended");
    }
    timers.pass(AcceptQueue.PAUSE);
    timers.pass(AcceptQueue.PAUSE);
    assertThat(port).containsExactly("suspended", "resumed");
  }
}

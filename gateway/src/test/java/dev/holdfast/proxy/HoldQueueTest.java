package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HoldQueueTest {
  private final ManualTimers time = new ManualTimers();
  private final AtomicInteger counted = new AtomicInteger();
  private final HoldQueue queue =
      new HoldQueue(TestQuotas.plenty().pool(Resource.HELD_REQUESTS, 1000), counted::addAndGet);
  private final List<Integer> calledIn = new ArrayList<>();

  private final class Numbered implements HoldQueue.PendingRequest {
    private final int number;

    private Numbered(int number) {
      this.number = number;
    }

    @Override
    public Peer peer() {
      return Peer.ofUser(number % 2 == 0 ? "even" : "odd");
    }

    @Override
    public Timers timers() {
      return time;
    }

    @Override
    public void released() {
      calledIn.add(number);
    }
  }

  @Test
  void thousandAreCalledInOneByOne() {
    List<Integer> all = IntStream.range(0, 1000).boxed().toList();
    all.forEach(number -> assertThat(queue.enter(new Numbered(number))).isTrue());
    assertThat(time.waiting()).isZero();

    queue.releaseAll();
    assertThat(calledIn).isEmpty();
    time.pass(Duration.ofSeconds(1));
    assertThat(calledIn).hasSizeBetween(395, 405);
    time.pass(Duration.ofSeconds(2));

    assertThat(calledIn).isEqualTo(all);
    assertThat(counted).hasValue(0);
  }

  @Test
  void roomIsBounded() {
    IntStream.range(0, 1000).forEach(number -> queue.enter(new Numbered(number)));

    assertThat(queue.enter(new Numbered(1000))).isFalse();
    assertThat(counted).hasValue(1000);
  }

  @Test
  void whoHasHalfOfARoomThatIsNearlyFullGetsNoMore() {
    IntStream.range(0, 2000).filter(number -> number % 2 == 0).limit(800).forEach(this::enters);

    assertThat(queue.enter(new Numbered(2))).isFalse();
    assertThat(queue.enter(new Numbered(1))).isTrue();
    assertThat(counted).hasValue(801);
  }

  private void enters(int number) {
    assertThat(queue.enter(new Numbered(number))).isTrue();
  }

  @Test
  void nobodyWaitsInARoomThatIsClosed() {
    queue.enter(new Numbered(1));
    queue.close();
    time.pass(Duration.ofMillis(1));

    assertThat(calledIn).containsExactly(1);
    assertThat(queue.enter(new Numbered(2))).isFalse();
    assertThat(counted).hasValue(0);
  }

  @Test
  void requestThatLeftIsNotCalledIn() {
    Numbered early = new Numbered(1);
    Numbered late = new Numbered(2);
    queue.enter(early);
    queue.enter(late);
    queue.leave(early);
    queue.releaseAll();
    queue.leave(late);
    time.pass(Duration.ofSeconds(1));

    assertThat(calledIn).isEmpty();
    assertThat(queue.leave(late)).isFalse();
    assertThat(counted).hasValue(0);
  }

  @Test
  void requestIsCalledInOnceHoweverOftenTheQueueOpens() {
    Numbered request = new Numbered(1);
    queue.enter(request);
    queue.releaseSoon(request);
    queue.releaseAll();
    queue.releaseAll();
    time.pass(Duration.ofSeconds(1));

    assertThat(calledIn).containsExactly(1);
  }
}

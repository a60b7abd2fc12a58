package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClientWaitTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ClientWait wait = new ClientWait();
  private long now = Long.MAX_VALUE - LIMIT.toNanos();

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private boolean isOver() {
    return wait.isOver(LIMIT, now);
  }

  @Test
  void clientThatDoesNothingIsLate() {
    wait.begins(0, now);
    pass(LIMIT);
    assertThat(isOver()).isFalse();

    pass(Duration.ofNanos(1));

    assertThat(isOver()).isTrue();
  }

  @Test
  void everyByteBeginsTheWaitAnew() {
    for (int bytes = 0; bytes < 5; bytes++) {
      wait.begins(bytes, now);
      pass(LIMIT);
      assertThat(isOver()).isFalse();
    }
  }

  @Test
  void beingAskedAgainDoesNot() {
    for (int i = 0; i < 5; i++) {
      wait.begins(7, now);
      pass(LIMIT.dividedBy(4));
    }

    assertThat(isOver()).isTrue();
  }

  @Test
  void waitingForTheBackendDoesNotCount() {
    wait.begins(7, now);
    pass(LIMIT.dividedBy(2));
    wait.ends();
    pass(LIMIT);
    assertThat(isOver()).isFalse();

    wait.begins(7, now);
    pass(LIMIT.dividedBy(2));

    assertThat(isOver()).isFalse();
  }

  @Test
  void isLongAfterASecond() {
    wait.begins(0, now);
    pass(Duration.ofSeconds(1));
    assertThat(wait.isLong(now)).isFalse();

    pass(Duration.ofNanos(1));

    assertThat(wait.isLong(now)).isTrue();
  }
}

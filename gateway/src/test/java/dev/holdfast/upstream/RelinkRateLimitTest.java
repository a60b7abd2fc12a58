package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.SharedRateLimit.Grant;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelinkRateLimitTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final RelinkRateLimit limit = new RelinkRateLimit(1, 0);

  @Test
  void tokensAreAskedForOnceUntilTheAnswer() {
    assertThat(limit.asks(0)).isTrue();
    assertThat(limit.asks(SECOND)).isFalse();
    assertThat(limit.untilNext(SECOND)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void noMoreAreAskedForWhileSomeAreLeft() {
    limit.asks(0);
    limit.answered(Optional.of(new Grant(1, Duration.ZERO)), 0);

    assertThat(limit.asks(0)).isFalse();
    assertThat(limit.take(0)).isTrue();
    assertThat(limit.take(0)).isFalse();
    assertThat(limit.asks(0)).isTrue();
  }

  @Test
  void nextTokenIsAskedForWhenItIsDue() {
    limit.asks(0);
    limit.answered(Optional.of(new Grant(0, Duration.ofSeconds(9))), 0);

    assertThat(limit.untilNext(SECOND)).isEqualTo(8 * SECOND);
    assertThat(limit.asks(9 * SECOND - 1)).isFalse();
    assertThat(limit.asks(9 * SECOND)).isTrue();
  }
}

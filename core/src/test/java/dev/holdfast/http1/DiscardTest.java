package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiscardTest {
  private final ManualTimers timers = new ManualTimers();
  private final Discard discard = new Discard(100, Duration.ofSeconds(30), timers);

  @Test
  void bytesAreDroppedUpToTheLimit() {
    assertThat(discard.goesOn(60)).isTrue();
    assertThat(discard.goesOn(40)).isTrue();
    assertThat(discard.goesOn(1)).isFalse();
  }

  @Test
  void bytesAreDroppedUntilTheTimeIsOver() {
    timers.pass(Duration.ofSeconds(29));
    assertThat(discard.goesOn(1)).isTrue();

    timers.pass(Duration.ofSeconds(1));

    assertThat(discard.goesOn(1)).isFalse();
  }

  @Test
  void pauseIsNoLongerThanTheTimeThatIsLeft() {
    assertThat(discard.pause()).isEqualTo(Discard.PAUSE);

    timers.pass(Duration.ofSeconds(29));

    assertThat(discard.pause()).isEqualTo(Duration.ofSeconds(1));
  }
}

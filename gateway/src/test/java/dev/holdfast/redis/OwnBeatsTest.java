package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnBeatsTest {
  private static final long TIMEOUT = Duration.ofSeconds(2).toNanos();

  private final OwnBeats beats = new OwnBeats(Duration.ofNanos(TIMEOUT));

  @Test
  void beatThatDoesNotArriveInTimeIsOverdue() {
    beats.published(beats.next(), 7);

    assertThat(beats.overdue(7 + TIMEOUT)).isFalse();
    assertThat(beats.overdue(8 + TIMEOUT)).isTrue();
  }

  @Test
  void beatsThatFollowDoNotMakeTheFirstYounger() {
    beats.published(beats.next(), 0);
    beats.published(beats.next(), TIMEOUT);

    assertThat(beats.overdue(1 + TIMEOUT)).isTrue();
  }

  @Test
  void beatMayArriveBeforeItsReplyDoes() {
    long number = beats.next();
    beats.received(number);
    beats.published(number, 0);

    assertThat(beats.overdue(2 * TIMEOUT)).isFalse();
  }

  @Test
  void receivedBeatEndsTheWait() {
    long first = beats.next();
    beats.published(first, 0);
    beats.published(beats.next(), 1);
    beats.received(first);

    assertThat(beats.overdue(2 * TIMEOUT)).isFalse();
  }

  @Test
  void nothingIsOverdueThatWasNotPublished() {
    long unused = beats.next();

    assertThat(beats.overdue(10 * TIMEOUT)).isFalse();
  }
}

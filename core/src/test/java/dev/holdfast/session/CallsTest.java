package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallsTest {
  private final Calls calls = new Calls(0);

  private static void asked(Calls calls, long id, int bytes) {
    calls.asked(id, ByteBuffer.allocate(bytes), 0, bytes);
  }

  @Test
  void answerCountsOnce() {
    asked(calls, 3, 10);

    assertThat(calls.answered(4)).isFalse();
    assertThat(calls.answered(3)).isTrue();
    assertThat(calls.answered(3)).isFalse();
  }

  @Test
  void oldestIsForgottenWhenThereAreTooMany() {
    for (int id = 0; id <= Calls.MAX_CALLS; id++) {
      asked(calls, id, 1);
    }

    assertThat(calls.isUnanswered(0)).isFalse();
    assertThat(calls.isUnanswered(1)).isTrue();
    assertThat(calls.askedBefore(Set.of())).hasSize(Calls.MAX_CALLS);
  }

  @Test
  void whatIsTooLargeIsAskedOnceButMayBeAnswered() {
    asked(calls, 1, Calls.MAX_BYTES);
    asked(calls, 2, 1);

    assertThat(calls.askedBefore(Set.of())).hasSize(1);
    assertThat(calls.answered(2)).isTrue();
    assertThat(calls.answered(1)).isTrue();
    asked(calls, 3, 1);
    assertThat(calls.askedBefore(Set.of())).hasSize(1);
  }

  @Test
  void callWithTheIdOfAnotherTakesItsPlace() {
    asked(calls, 1, Calls.MAX_BYTES);
    asked(calls, 1, 2);
    asked(calls, 2, Calls.MAX_BYTES - 2);

    assertThat(calls.askedBefore(Set.of(1L))).hasSize(1);
  }

  @Test
  void laterLinksIdsAreAboveTheHighestThatTheClientHasSeen() {
    assertThat(calls.isShifted()).isFalse();
    asked(calls, calls.shown(7), 1);

    calls.relinked();

    assertThat(calls.isShifted()).isTrue();
    assertThat(calls.shown(0)).isEqualTo(8);
    assertThat(calls.ofLink(9)).isEqualTo(1);
    assertThat(calls.ofLink(7)).isNegative();
    assertThat(calls.answered(7)).isFalse();
  }

  @Test
  void idsOfASessionBeginWhereItSays() {
    Calls later = new Calls(500);

    assertThat(later.isShifted()).isTrue();
    assertThat(later.shown(0)).isEqualTo(500);
    later.relinked();
    assertThat(later.shown(0)).isEqualTo(500);
    asked(later, later.shown(0), 1);
    later.relinked();
    assertThat(later.shown(0)).isEqualTo(501);
  }
}

package dev.holdfast.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whole nodes, their clients and upstreams, in thousands of random conversations. Each change of
 * the sources tries others; {@code bench/run simulate} tries more, and replays one that has failed.
 * {@code -Dholdfast.conversations=…} says how many.
 */
class SimulationTest {
  private static final int CONVERSATIONS = Integer.getInteger("holdfast.conversations", 300);

  /** The contracts allow for few. */
  private static final int MOST_EXCUSED = CONVERSATIONS / 100;

  private static final InternalErrors ERRORS = InternalErrors.listen();

  @Test
  void eachEventAndPacketArrivesOnceAndNothingIsLeft() {
    long first = Seeds.of();
    int excused = 0;
    List<String> faulty = new ArrayList<>();
    for (long seed = first; seed < first + CONVERSATIONS; seed++) {
      Outcome outcome = Outcome.of(seed, Outcome.steps(seed), ERRORS, new Trace(false));
      if (outcome.isFaulty()) {
        faulty.add("seed " + seed + ": " + outcome.fault());
      }
      excused += outcome.excused() ? 1 : 0;
    }
    assertThat(faulty).isEmpty();
    assertThat(excused).isLessThanOrEqualTo(MOST_EXCUSED);
  }

  @Test
  void conversationOfOneSeedIsAlwaysTheSame() {
    Trace once = new Trace(true);
    Trace again = new Trace(true);

    Outcome.of(7, Outcome.steps(7), ERRORS, once);
    Outcome.of(7, Outcome.steps(7), ERRORS, again);

    assertThat(again.lines()).isEqualTo(once.lines()).isNotEmpty();
  }

  @Test
  void whatFailsIsMadeShorter() {
    List<Integer> failing = List.of(1, 2, 3, 4, 5, 6, 7, 8);

    List<Integer> shrunk = Shrinking.of(failing, some -> some.contains(3) && some.contains(6));

    assertThat(shrunk).containsExactly(3, 6);
  }
}

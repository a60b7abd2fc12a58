package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.fuzz.Repetitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Moves sessions by fences, and compares what their pages get with what was sent. {@code
 * -Dholdfast.switchovers=…} says how many in each scenario, {@code -Dholdfast.switchover.seed=…}
 * which one.
 */
class FencedSwitchoversTest {
  private static final int DEFAULT = 400;
  private static final int SWITCHOVERS = Repetitions.of("holdfast.switchovers", 150, DEFAULT);
  private static final double MANY = 100_000;
  private static final @Nullable Long SEED = Long.getLong("holdfast.switchover.seed");

  /** Traffic is made up to then, in milliseconds, and for longer if the move takes longer. */
  private static final double UNTIL = SWITCHOVERS > DEFAULT ? 40_000 : 5000;

  /** So much is to be seen behind a move. */
  private static final double BEHIND = 2000;

  /** Without fences a move has ended long before. */
  private static final double UNFENCED_UNTIL = 20_000;

  /** What became of many moves. */
  private static final class Tally {
    private final List<String> wrong = new ArrayList<>();
    private final List<Long> unsure = new ArrayList<>();
    private final double[] took;
    private long fences;
    private int switchovers;

    private Tally(int switchovers) {
      this.took = new double[switchovers];
    }

    private void move(SwitchoverScenario scenario, long seed) {
      double until = UNTIL;
      SwitchoverTraffic traffic = new SwitchoverTraffic(scenario, seed, until);
      FencedSwitchover.Decision decision = new FencedSwitchover(traffic).decide();
      while (decision.at() > until - BEHIND) {
        until *= 2;
        traffic = new SwitchoverTraffic(scenario, seed, until);
        decision = new FencedSwitchover(traffic).decide();
      }
      took[switchovers++] = decision.at() - traffic.admitted;
      fences += decision.fences();
      if (decision.alignment().isEmpty()) {
        unsure.add(seed);
        return;
      }
      String fault = SwitchoverPage.fault(traffic, decision.alignment().get(), decision.at());
      if (fault != null) {
        wrong.add("move " + seed + ": " + fault);
      }
    }

    private double mean() {
      return Arrays.stream(took, 0, switchovers).average().orElse(0);
    }

    @Override
    public String toString() {
      Arrays.sort(took, 0, switchovers);
      return String.format(
          Locale.ROOT,
          "wrong %d, unsure %d, mean %.2f s, p99 %.1f s, fences %.1f %s %s",
          wrong.size(),
          unsure.size(),
          mean() / 1000,
          took[switchovers * 99 / 100] / 1000,
          (double) fences / switchovers,
          wrong.stream().limit(8).toList(),
          unsure.stream().limit(8).toList());
    }
  }

  @ParameterizedTest
  @EnumSource
  void pagesMissAndRepeatNothing(SwitchoverScenario scenario) {
    if (SEED != null) {
      Tally one = new Tally(1);
      one.move(scenario, SEED);
      System.out.println(scenario + ": " + one);
      return;
    }
    Tally tally = tally(scenario, SWITCHOVERS);
    if (SWITCHOVERS > DEFAULT) {
      System.out.println(scenario + ": " + tally);
    }
    SwitchoverScenario.Bounds bounds = scenario.bounds;
    assertThat(tally.wrong).hasSizeLessThanOrEqualTo(atMost(bounds.wrong()));
    assertThat(tally.unsure).hasSizeLessThanOrEqualTo(atMost(bounds.unsure()));
    assertThat(tally.mean()).isLessThanOrEqualTo(bounds.mean());
  }

  /** What was measured of the rule for upstreams that know no fences. */
  @ParameterizedTest
  @CsvSource({
    "CALM, 0",
    "STALLS, 24.8",
    "DELAYS, 27.1",
    "ONE_TOKEN, 27.0",
    "ONE_TOKEN_STALLS_AND_DELAYS, 68.5",
    "ROOMS_OF_ONE_LINK, 12.7",
    "EVENTS_FOR_ONE_SID, 12.0",
    "ONE_TOKEN_LATE_PUBLISHES, 37.2"
  })
  void withoutFencesAsManyMovesAreWrongAsWereMeasured(SwitchoverScenario scenario, double percent) {
    int switchovers = SWITCHOVERS > DEFAULT ? 2000 : 500;
    int wrong = 0;
    for (long seed = 1; seed <= switchovers; seed++) {
      SwitchoverTraffic traffic = new SwitchoverTraffic(scenario, seed, UNFENCED_UNTIL);
      FencedSwitchover.Decision decision = new UnfencedSwitchover(traffic).decide();
      Alignment alignment = decision.alignment().orElseThrow();
      wrong += SwitchoverPage.fault(traffic, alignment, decision.at()) == null ? 0 : 1;
    }
    double off = SWITCHOVERS > DEFAULT ? 3 : 6;
    assertThat(100.0 * wrong / switchovers).isCloseTo(percent, within(off));
  }

  private static Tally tally(SwitchoverScenario scenario, int switchovers) {
    Tally tally = new Tally(switchovers);
    for (long seed = 1; seed <= switchovers; seed++) {
      tally.move(scenario, seed);
    }
    return tally;
  }

  /** The bound for as many moves as there are; where few are, chance may add some. */
  private static int atMost(int ofMany) {
    double expected = ofMany * SWITCHOVERS / MANY;
    return (int) (expected + (SWITCHOVERS < MANY ? Math.sqrt(expected) + 0.5 : 0));
  }
}

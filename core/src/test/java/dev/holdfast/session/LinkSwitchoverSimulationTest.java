package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.TokenStreams.Arrival;
import dev.holdfast.session.TokenStreams.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Moves clients in the middle of token streams, and compares what they get with what was sent.
 * {@code -Dholdfast.unfenced-switchovers=…} says how many, {@code -Dholdfast.switchover.seed=…}
 * which one.
 */
class LinkSwitchoverSimulationTest {
  private static final int TICK = 50;
  private static final int EARLIEST = TokenStreams.ROOMS_JOINED + TokenStreams.LAG;
  private static final int LATEST = TokenStreams.JOINED + 5000;
  private static final long MILLI = 1_000_000;

  /** What is done with each event of the new link. */
  private interface Repeats {
    boolean isRepeat(int number, Arrival arrival, boolean late);
  }

  private record Switch(double at, Repeats repeats, boolean sure) {}

  private int guessed;

  @Test
  void alignedClientsMissAndRepeatNothing() {
    Long seed = Long.getLong("holdfast.switchover.seed");
    if (seed != null) {
      assertThat(fault(seed, this::aligned)).isEmpty();
      return;
    }
    int switchovers = Integer.getInteger("holdfast.unfenced-switchovers", 10_000);
    List<String> faults = new ArrayList<>();
    for (long each = 1; each <= switchovers; each++) {
      String fault = fault(each, this::aligned);
      if (!fault.isEmpty()) {
        faults.add("switchover " + each + ": " + fault);
      }
    }
    assertThat(faults).isEmpty();
    assertThat(guessed)
        .as("of " + switchovers + " not aligned in time")
        .isLessThan(switchovers / 10);
  }

  /** What was tried first: an event is a repetition if the old link had as many like it. */
  @Test
  void countingEqualEventsLosesAndRepeats() {
    int wrong = 0;
    for (long each = 1; each <= 1000; each++) {
      wrong += fault(each, LinkSwitchoverSimulationTest::counted).isEmpty() ? 0 : 1;
    }
    assertThat(wrong).isGreaterThan(100);
  }

  private interface Method {
    Switch decide(TokenStreams streams);
  }

  private Switch aligned(TokenStreams streams) {
    Aligner aligner = new Aligner(Duration.ofMillis(TokenStreams.LAG));
    int olds = 0;
    int nexts = 0;
    for (int now = 0; ; now += TICK) {
      while (olds < streams.old.size() && streams.old.get(olds).at() < now) {
        Arrival each = streams.old.get(olds++);
        aligner.old(each.event().print(), nanos(each.at()));
      }
      while (nexts < streams.next.size() && streams.next.get(nexts).at() < now) {
        Arrival each = streams.next.get(nexts++);
        aligner.next(each.event().print(), nanos(each.at()));
      }
      if (now >= TokenStreams.JOINED) {
        aligner.linked();
      }
      if (now >= TokenStreams.ROOMS_JOINED) {
        aligner.joined(TokenStreams.ROOMS_JOINED * MILLI);
      }
      long at = now * MILLI;
      Optional<Alignment> only = now < EARLIEST ? Optional.empty() : aligner.only(at);
      if (only.isPresent() || now >= LATEST) {
        guessed += only.isPresent() ? 0 : 1;
        Alignment alignment = only.orElseGet(() -> best(aligner, at));
        Repeats repeats =
            (number, arrival, late) ->
                late
                    ? alignment.isLateRepeat(arrival.event().print(), nanos(arrival.at()))
                    : alignment.isRepeat(number);
        return new Switch(now, repeats, only.isPresent());
      }
    }
  }

  private static long nanos(double millis) {
    return (long) (millis * MILLI);
  }

  private static Alignment best(Aligner aligner, long at) {
    Alignment alignment = new Alignment(at + TokenStreams.LAG * MILLI);
    aligner.alignBest(at, alignment, Set.of());
    return alignment;
  }

  private static Switch counted(TokenStreams streams) {
    double at = EARLIEST;
    Map<Fingerprint, Integer> seen = new HashMap<>();
    for (Arrival each : streams.old) {
      if (each.at() >= TokenStreams.JOINED && each.at() < at) {
        seen.merge(each.event().print(), 1, Integer::sum);
      }
    }
    Repeats repeats =
        (number, arrival, late) -> {
          int left = seen.getOrDefault(arrival.event().print(), 0);
          seen.put(arrival.event().print(), Math.max(0, left - 1));
          return left > 0;
        };
    return new Switch(at, repeats, true);
  }

  /** What is wrong with what a client gets; empty if nothing is. */
  private static String fault(long seed, Method method) {
    TokenStreams streams = new TokenStreams(new SplittableRandom(seed));
    Switch done = method.decide(streams);
    Map<Integer, Integer> last = new HashMap<>();
    for (Arrival each : streams.old) {
      if (each.at() < done.at()) {
        last.put(each.event().stream(), each.event().index());
      }
    }
    Map<Integer, Integer> first = new HashMap<>();
    for (Arrival each : streams.old) {
      first.putIfAbsent(each.event().stream(), each.event().index());
    }
    for (int i = 0; i < streams.next.size(); i++) {
      Arrival arrival = streams.next.get(i);
      Event event = arrival.event();
      if (done.repeats().isRepeat(i, arrival, arrival.at() >= done.at())) {
        if (event.index() > last.getOrDefault(event.stream(), -1)) {
          return "lost " + event + " at " + arrival.at() + ", switched at " + done.at();
        }
      } else {
        int expected =
            last.containsKey(event.stream())
                ? last.get(event.stream()) + 1
                : first.getOrDefault(event.stream(), event.index());
        if (event.index() != expected) {
          return "got %s at %s instead of %d, switched at %s, sure %s"
              .formatted(event, arrival.at(), expected, done.at(), done.sure());
        }
        last.put(event.stream(), event.index());
      }
    }
    return "";
  }
}

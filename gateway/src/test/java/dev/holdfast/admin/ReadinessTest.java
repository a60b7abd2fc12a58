package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.admin.Overload.Indicator;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private static final Indicator BUFFERS =
      new Indicator("limits.buffers", () -> Optional.of("limits.buffers is nearly used up"));
  private static final Indicator LAG =
      new Indicator("event-loop", () -> Optional.of("an I/O thread runs 312 ms late"));
  private static final Indicator NONE = new Indicator("limits.heads", Optional::empty);

  private final AtomicLong clock = new AtomicLong();

  private Overload overload(Indicator... signs) {
    return new Overload(List.of(signs), clock::get);
  }

  @Test
  void overloadIsToldAndKeepsNoTrafficAway() {
    Overload overload = overload(BUFFERS, NONE, LAG);

    assertThat(overload.problem()).isEmpty();
    assertThat(overload.state())
        .contains("limits.buffers is nearly used up; an I/O thread runs 312 ms late");
    assertThat(overload(NONE).state()).isEmpty();
  }

  @Test
  void overloadIsLoggedOnceAMinute() {
    Overload overload = overload(BUFFERS, LAG);
    try (LogLines log = new LogLines()) {
      overload(NONE).check();
      for (int second = 0; second < 61; second++) {
        overload.check();
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
      }

      assertThat(log.lines())
          .hasSize(2)
          .allMatch(
              line ->
                  line.equals(
                      "this node is overloaded: limits.buffers is nearly used up; an I/O thread runs 312 ms late"));
    }
  }

  @Test
  void eachSignOfOverloadIsAGauge() {
    Map<String, Boolean> shown = new HashMap<>();
    overload(BUFFERS, NONE)
        .gauges()
        .forEach((label, shows) -> shown.put(label, shows.getAsBoolean()));

    assertThat(shown).isEqualTo(Map.of("limits.buffers", true, "limits.heads", false));
  }
}

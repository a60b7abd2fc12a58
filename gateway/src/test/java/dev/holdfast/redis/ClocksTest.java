package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClocksTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final Clocks clocks = new Clocks(new RedisMetrics(new Metrics().registry()));

  @Test
  void clockThatIsWrongIsNamedOnceAndWhenItIsRightAgain() {
    try (LogLines log = new LogLines()) {
      clocks.seen(Map.of(A, 30_000L, B, -30_000L));
      assertThat(log.lines()).isEmpty();

      clocks.seen(Map.of(A, 30_001L, B, -95_000L));
      clocks.seen(Map.of(A, 31_000L, B, -95_000L));
      assertThat(log.lines())
          .containsExactlyInAnyOrder(
              "the clock of node a is 30 s ahead of this node's, more than the tolerated 30 s:"
                  + " the nodes reject each other until both are synchronized by NTP",
              "the clock of node b is 95 s behind this node's, more than the tolerated 30 s:"
                  + " the nodes reject each other until both are synchronized by NTP");

      clocks.seen(Map.of(A, 0L));
      assertThat(log.lines()).hasSize(3).contains("the clock of node a is within tolerance again");
    }
  }

  @Test
  void nodeThatCameBackWithAWrongClockIsNamedAgain() {
    try (LogLines log = new LogLines()) {
      clocks.seen(Map.of(A, 31_000L));
      clocks.seen(Map.of());
      clocks.seen(Map.of(A, 31_000L));

      assertThat(log.lines()).hasSize(2);
    }
  }
}

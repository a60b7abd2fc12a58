package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** Redis as this node sees it; declared only where one is set. Thread-safe. */
public final class RedisMetrics {
  private final GaugeDataPoint up;
  private final CounterDataPoint commands;
  private final Counter errors;
  private final CounterDataPoint rewrites;
  private final Counter refused;
  private final GaugeDataPoint clockDifference;

  /** Declares them. */
  public RedisMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    up = make.gauge("holdfast_redis_up", "Whether Redis can be used: 1, or 0.");
    commands =
        make.counter("holdfast_redis_commands", "Commands sent to Redis; a script is one.")
            .labelValues();
    errors = make.counter("holdfast_redis_errors", "Attempts that failed, by kind.", "kind");
    rewrites =
        make.counter(
                "holdfast_redis_rewrites", "Times that all sessions of this node were written.")
            .labelValues();
    refused =
        make.counter(
            "holdfast_redis_refused",
            "What was found in Redis and not believed, as no node has signed it so, by kind and"
                + " reason.",
            "kind",
            "reason");
    clockDifference =
        make.gauge(
            "holdfast_node_clock_difference_seconds",
            "The largest difference between the clock of another node and the one here.");
  }

  /** Something in Redis was not believed; both labels are of closed sets. */
  public void refused(String kind, String reason) {
    refused.labelValues(kind, reason).inc();
  }

  /** By how much the clocks of nodes differ from the one here, at most. */
  public void clockDifference(Duration most) {
    clockDifference.set(Declarations.seconds(most));
  }

  /** Whether Redis can be used from now on. */
  public void up(boolean can) {
    up.set(can ? 1 : 0);
  }

  /** Commands were sent. */
  public void sent(int count) {
    commands.inc(count);
  }

  /** An attempt failed; {@code kind} is one of a closed set. */
  public void failed(String kind) {
    errors.labelValues(kind).inc();
  }

  /** All sessions of this node are written, because they were not there. */
  public void rewritten() {
    rewrites.inc();
  }
}

package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** Metrics of Redis, declared only if it is configured. Thread-safe. */
public final class RedisMetrics {
  private final GaugeDataPoint up;
  private final CounterDataPoint commands;
  private final Counter errors;
  private final CounterDataPoint rewrites;
  private final Counter refused;
  private final GaugeDataPoint clockDifference;

  /** Declares the metrics. */
  public RedisMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    up = make.gauge("holdfast_redis_up", "Whether Redis is available: 1 or 0.");
    commands =
        make.counter("holdfast_redis_commands", "Commands sent to Redis; a script counts as one.")
            .labelValues();
    errors = make.counter("holdfast_redis_errors", "Failed attempts, by kind.", "kind");
    rewrites =
        make.counter("holdfast_redis_rewrites", "Full rewrites of this node's sessions.")
            .labelValues();
    refused =
        make.counter(
            "holdfast_redis_refused",
            "Data in Redis that was rejected because no node has signed it, by kind and"
                + " reason.",
            "kind",
            "reason");
    clockDifference =
        make.gauge(
            "holdfast_node_clock_difference_seconds",
            "Largest difference between this node's clock and that of another node.");
  }

  /** Counts rejected data in Redis; both labels are from closed sets. */
  public void refused(String kind, String reason) {
    refused.labelValues(kind, reason).inc();
  }

  /** Sets the largest difference between this node's clock and those of others. */
  public void clockDifference(Duration most) {
    clockDifference.set(Declarations.seconds(most));
  }

  /** Sets whether Redis is available. */
  public void up(boolean can) {
    up.set(can ? 1 : 0);
  }

  /** Counts sent commands. */
  public void sent(int count) {
    commands.inc(count);
  }

  /** Counts a failed attempt; {@code kind} is from a closed set. */
  public void failed(String kind) {
    errors.labelValues(kind).inc();
  }

  /** Counts a full rewrite of this node's sessions after Redis had lost them. */
  public void rewritten() {
    rewrites.inc();
  }
}

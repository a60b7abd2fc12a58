package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Metrics of lost client connections and upstreams, and the accounting of events: an accepted event
 * is delivered, merged, waiting or given up. Thread-safe.
 */
public final class ResumeMetrics {
  private final PrometheusRegistry registry;
  private final GaugeDataPoint parked;
  private final Counter resumes;
  private final CounterDataPoint replayedEvents;
  private final CounterDataPoint replayedBytes;
  private final Histogram stall;
  // Resolved once, because they are updated for every socket read.
  private final CounterDataPoint accepted;
  private final CounterDataPoint delivered;
  private final CounterDataPoint merged;
  private final Counter givenUp;
  private final LongAdder givenUpInAll = new LongAdder();
  private final Counter relinks;
  private final Counter switchovers;
  private final CounterDataPoint answersDropped;
  private final CounterDataPoint displaced;
  private final CounterDataPoint notParked;

  ResumeMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    var make = new Declarations(registry);
    parked = make.gauge("holdfast_sessions_parked", "Sessions that wait for their client.");
    displaced =
        make.counter(
                "holdfast_sessions_displaced",
                "Parked sessions that were ended in favour of younger ones of their user.")
            .labelValues();
    notParked =
        make.counter(
                "holdfast_sessions_not_parked",
                "Sessions that ended with their connection because their client never resumes.")
            .labelValues();
    resumes = make.counter("holdfast_resumes", "Resume requests, by result.", "result");
    replayedEvents = make.counter("holdfast_replayed_events", "Events replayed.");
    replayedBytes = make.counter("holdfast_replayed_bytes", "Bytes replayed.");
    stall =
        make.histogram(
            "holdfast_stall_seconds",
            "Time from the loss of a client's connection to the end of its replay.",
            new double[] {.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300});
    accepted =
        make.counter("holdfast_events_accepted", "Events that upstreams sent to clients.")
            .labelValues();
    delivered =
        make.counter("holdfast_events_delivered", "Events that clients have confirmed.")
            .labelValues();
    merged = make.counter("holdfast_events_merged", "Events delivered as part of later ones.");
    givenUp = make.counter("holdfast_events_given_up", "Events that were not delivered.", "reason");
    relinks =
        make.counter(
            "holdfast_relinks", "Links reopened under open clients.", "upstream", "result");
    switchovers =
        make.counter(
            "holdfast_switchovers", "Switchovers to another upstream.", "result", "reason");
    answersDropped = make.counter("holdfast_answers_dropped", "Repeated acknowledgements dropped.");
    gauge("holdfast_events_waiting", "Events not yet confirmed by clients.", this::waiting);
  }

  /** Counts a resume request; {@code result} is from a closed set. */
  public void resumed(String result) {
    resumes.labelValues(result).inc();
  }

  /** Counts events replayed to a client that has returned. */
  public void replayed(long events, long bytes) {
    replayedEvents.inc(events);
    replayedBytes.inc(bytes);
  }

  /** Records how long a client was without events, from the cut to the end of the replay. */
  public void stalled(Duration duration) {
    stall.observe(Declarations.seconds(duration));
  }

  /** Counts events accepted from an upstream, which are waiting from then on. */
  public void accepted(long events) {
    accepted.inc(events);
  }

  /** Counts {@link #accepted} events that are known to have arrived. */
  public void delivered(long events) {
    delivered.inc(events);
  }

  /** Counts {@link #accepted} events that are delivered as part of later ones. */
  public void merged(long events) {
    merged.inc(events);
  }

  /** Counts {@link #accepted} events that will never be delivered. */
  public void givenUp(String reason, long events) {
    givenUp.labelValues(reason).inc(events);
    givenUpInAll.add(events);
  }

  /** Counts an attempt to reopen a link. */
  public void relinked(String upstreamName, String result) {
    relinks.labelValues(upstreamName, result).inc();
  }

  /**
   * Counts a switchover to another upstream, or a failed one; {@code result} as declared.
   *
   * @param reason why it is {@code unsure}; empty otherwise
   */
  public void switchedOver(String result, String reason) {
    switchovers.labelValues(result, reason).inc();
  }

  /** Counts a second answer of a client to the same call. */
  public void answerDropped() {
    answersDropped.inc();
  }

  /** Adds {@code delta} to the number of parked sessions. */
  public void parked(int delta) {
    parked.inc(delta);
  }

  /** Counts a parked session that was ended in favour of younger ones of its user. */
  public void displaced() {
    displaced.inc();
  }

  /** Counts a session that ended with its connection because its client never resumes. */
  public void notParked() {
    notParked.inc();
  }

  /** Registers the number of bytes that all sessions retain; call once. */
  public void outboxBytes(LongSupplier bytes) {
    gauge("holdfast_outbox_bytes", "Bytes that sessions retain for their clients.", bytes);
  }

  private void gauge(String name, String help, LongSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(data -> data.call((double) value.getAsLong()))
        .register(registry);
  }

  /**
   * Reads the outgoing counts first, since otherwise a concurrent event could make the result
   * negative.
   */
  private long waiting() {
    long gone = delivered.getLongValue() + merged.getLongValue() + givenUpInAll.sum();
    return accepted.getLongValue() - gone;
  }
}

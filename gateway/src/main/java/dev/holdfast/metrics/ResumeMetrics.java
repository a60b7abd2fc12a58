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
 * Clients that lost their connection and upstreams that went away, and the accounting of events:
 * what was accepted is delivered, waiting or given up. Thread-safe.
 */
public final class ResumeMetrics {
  private final PrometheusRegistry registry;
  private final GaugeDataPoint parked;
  private final Counter resumes;
  private final CounterDataPoint replayedEvents;
  private final CounterDataPoint replayedBytes;
  private final Histogram stall;
  // Resolved once: they are counted for every read of a socket.
  private final CounterDataPoint accepted;
  private final CounterDataPoint delivered;
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
    parked = make.gauge("holdfast_sessions_parked", "Sessions that wait for their client now.");
    displaced =
        make.counter(
                "holdfast_sessions_displaced",
                "Sessions without a client that were given up for younger ones of their user.")
            .labelValues();
    notParked =
        make.counter(
                "holdfast_sessions_not_parked",
                "Sessions that ended with their connection, as their client never resumes.")
            .labelValues();
    resumes =
        make.counter("holdfast_resumes", "Clients that asked to resume, by result.", "result");
    replayedEvents = make.counter("holdfast_replayed_events", "Events sent again on a resume.");
    replayedBytes = make.counter("holdfast_replayed_bytes", "Bytes of those events.");
    stall =
        make.histogram(
            "holdfast_stall_seconds",
            "From the loss of a client's connection to the end of its replay.",
            new double[] {.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300});
    accepted =
        make.counter("holdfast_events_accepted", "Events that upstreams sent to clients.")
            .labelValues();
    delivered =
        make.counter("holdfast_events_delivered", "Events that clients have confirmed.")
            .labelValues();
    givenUp = make.counter("holdfast_events_given_up", "Events that no client will get.", "reason");
    relinks =
        make.counter(
            "holdfast_relinks", "Links opened again under open clients.", "upstream", "result");
    switchovers =
        make.counter(
            "holdfast_switchovers", "Switchovers to another upstream.", "result", "reason");
    answersDropped =
        make.counter("holdfast_answers_dropped", "Second answers to a question of the upstream.");
    gauge("holdfast_events_waiting", "Events not yet confirmed by their client.", this::waiting);
  }

  /** A client asked to resume; {@code result} is one of a closed set. */
  public void resumed(String result) {
    resumes.labelValues(result).inc();
  }

  /** Events were sent again to a client that is back. */
  public void replayed(long events, long bytes) {
    replayedEvents.inc(events);
    replayedBytes.inc(bytes);
  }

  /** A client was without its events for this long, from the cut to the end of the replay. */
  public void stalled(Duration duration) {
    stall.observe(Declarations.seconds(duration));
  }

  /** Events came from an upstream and count as waiting from now on. */
  public void accepted(long events) {
    accepted.inc(events);
  }

  /** Events that were {@link #accepted} are known to have arrived. */
  public void delivered(long events) {
    delivered.inc(events);
  }

  /** Events that were {@link #accepted} will never be delivered. */
  public void givenUp(String reason, long events) {
    givenUp.labelValues(reason).inc(events);
    givenUpInAll.add(events);
  }

  /** A link was opened again, or could not be. */
  public void relinked(String upstreamName, String result) {
    relinks.labelValues(upstreamName, result).inc();
  }

  /**
   * A session was switched over to another upstream, or could not be; {@code result} as declared.
   *
   * @param reason why it is {@code unsure}; empty otherwise
   */
  public void switchedOver(String result, String reason) {
    switchovers.labelValues(result, reason).inc();
  }

  /** A client answered a call twice. */
  public void answerDropped() {
    answersDropped.inc();
  }

  /** Sessions that wait for their client have become more ({@code 1}) or fewer ({@code -1}). */
  public void parked(int delta) {
    parked.inc(delta);
  }

  /** A session that waited for its client was given up for younger ones of its user. */
  public void displaced() {
    displaced.inc();
  }

  /** A session ended with its connection, for its client never resumes. */
  public void notParked() {
    notParked.inc();
  }

  /** Where the bytes that all sessions keep are read from; to be called once. */
  public void outboxBytes(LongSupplier bytes) {
    gauge("holdfast_outbox_bytes", "Bytes that sessions keep for their clients.", bytes);
  }

  private void gauge(String name, String help, LongSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(data -> data.call((double) value.getAsLong()))
        .register(registry);
  }

  /** What went out is read first, or an event that passes meanwhile would count as less than 0. */
  private long waiting() {
    long gone = delivered.getLongValue() + givenUpInAll.sum();
    return accepted.getLongValue() - gone;
  }
}

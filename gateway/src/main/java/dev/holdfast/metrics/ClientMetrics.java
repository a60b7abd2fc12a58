package dev.holdfast.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** Metrics of clients. Thread-safe. */
final class ClientMetrics {
  private final Gauge transports;
  private final Counter transportsOpened;
  private final Counter transportsClosed;
  private final Gauge sessions;
  private final Counter sessionsOpened;
  private final Counter sessionsClosed;
  private final Histogram sessionSeconds;
  private final Counter stageFailures;
  private final Counter refused;
  private final Counter heartbeatsMissed;
  // Resolved once, because they are updated for every socket read.
  private final CounterDataPoint clientFrames;
  private final CounterDataPoint clientBytes;
  private final CounterDataPoint upstreamFrames;
  private final CounterDataPoint upstreamBytes;

  ClientMetrics(PrometheusRegistry registry) {
    var make = new Declarations(registry);
    transports = make.gauge("holdfast_transports", "Open client transports.", "kind");
    transportsOpened =
        make.counter("holdfast_transports_opened", "Client transports opened.", "kind");
    transportsClosed =
        make.counter("holdfast_transports_closed", "Client transports closed.", "kind", "reason");
    sessions = make.gauge("holdfast_sessions", "Open Socket.IO sessions.");
    sessionsOpened = make.counter("holdfast_sessions_opened", "Socket.IO sessions opened.");
    sessionsClosed =
        make.counter("holdfast_sessions_closed", "Socket.IO sessions closed.", "reason");
    sessionSeconds =
        make.histogram(
            "holdfast_session_duration_seconds",
            "Duration of closed sessions.",
            new double[] {1, 10, 60, 600, 3600, 14400, 86400});
    stageFailures =
        make.counter(
            "holdfast_stage_failures", "Stages that failed and left their session.", "stage");
    refused =
        make.counter(
            "holdfast_refused", "Requests refused before a transport was opened.", "reason");
    heartbeatsMissed =
        make.counter("holdfast_heartbeats_missed", "Pings that clients did not answer in time.");
    var frames =
        make.counter("holdfast_frames_received", "WebSocket frames received, by sender.", "side");
    var bytes =
        make.counter(
            "holdfast_frame_received_bytes",
            "Bytes of WebSocket frames received, by sender.",
            "side");
    clientFrames = frames.labelValues("client");
    clientBytes = bytes.labelValues("client");
    upstreamFrames = frames.labelValues("upstream");
    upstreamBytes = bytes.labelValues("upstream");
  }

  void transportOpened(String kind) {
    transports.labelValues(kind).inc();
    transportsOpened.labelValues(kind).inc();
  }

  void transportClosed(String kind, String reason) {
    transports.labelValues(kind).dec();
    transportsClosed.labelValues(kind, reason).inc();
  }

  void sessionOpened() {
    sessions.inc();
    sessionsOpened.inc();
  }

  void sessionClosed(String reason, Duration duration) {
    sessions.dec();
    sessionsClosed.labelValues(reason).inc();
    sessionSeconds.observe(Declarations.seconds(duration));
  }

  void stageFailed(String stage) {
    stageFailures.labelValues(stage).inc();
  }

  void refused(String reason) {
    refused.labelValues(reason).inc();
  }

  void heartbeatMissed() {
    heartbeatsMissed.inc();
  }

  void framesIn(String side, long frames, long bytes) {
    if (side.equals("client")) {
      clientFrames.inc(frames);
      clientBytes.inc(bytes);
    } else {
      upstreamFrames.inc(frames);
      upstreamBytes.inc(bytes);
    }
  }
}

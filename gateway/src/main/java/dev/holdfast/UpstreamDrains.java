package dev.holdfast;

import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.sessions.SessionRegistry;
import dev.holdfast.sessions.SessionService;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import dev.holdfast.upstream.RelinkScheduler;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves all sessions off an upstream, so that it can be stopped: quiet ones at once, the others
 * while time remains, {@code relink.rate} per second. Thread-safe.
 */
final class UpstreamDrains {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamDrains.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final Settings settings;
  private final Upstreams upstreams;
  private final SessionRegistry registry;
  private final RelinkScheduler relinks;
  private final Timers timers;

  /** Drains within {@code drain.timeout}. */
  UpstreamDrains(SessionService.Shared shared, Timers timers) {
    this.settings = shared.settings();
    this.upstreams = shared.upstreams();
    this.registry = shared.registry();
    this.relinks = shared.relinks();
    this.timers = timers;
  }

  /** Returns a future of the number of sessions left when it is done or its time is over. */
  CompletableFuture<Integer> drain(String name) {
    Upstream drained = upstreams.drain(name);
    LOG.info("sessions are moved off {}", name);
    CompletableFuture<Integer> done = new CompletableFuture<>();
    long deadline = timers.nanoTime() + settings.get(ProcessKeys.DRAIN_TIMEOUT).toNanos();
    boolean begun = false;
    try {
      lookIn(Duration.ZERO, new Drained(drained, deadline, 0, done));
      begun = true;
    } finally {
      if (!begun) {
        undrain(name);
      }
    }
    return done;
  }

  /**
   * An upstream that is being drained.
   *
   * @param before number of sessions at the last check
   */
  private record Drained(
      Upstream upstream, long deadline, int before, CompletableFuture<Integer> done) {}

  private void lookIn(Duration pause, Drained drained) {
    ErrorBoundary boundary =
        new ErrorBoundary("a look at a drained upstream", () -> failed(drained));
    timers.after(pause, boundary.guard(() -> look(drained)));
  }

  private void failed(Drained drained) {
    boolean again = false;
    try {
      if (drained.deadline() - timers.nanoTime() > 0) {
        lookIn(LOOK_AGAIN, drained);
        again = true;
      }
    } finally {
      if (!again) {
        drained.done().complete(drained.before());
      }
    }
  }

  private void look(Drained now) {
    Upstream drained = now.upstream();
    Duration overlaps =
        settings
            .get(RelinkKeys.OVERLAP)
            .plus(SessionSetup.Limits.lags(settings.get(RelinkKeys.LAG)));
    Duration permits =
        Duration.ofSeconds(
            now.before()
                / Math.min(settings.get(RelinkKeys.RATE), settings.get(RelinkKeys.SWITCHOVERS)));
    long rest = now.deadline() - timers.nanoTime();
    boolean late = rest <= overlaps.plus(permits).toNanos();
    int left = registry.move(drained.name(), late);
    if (left == 0 || rest <= 0 || !drained.isDrained()) {
      LOG.info("{} sessions are left on {}", left, drained.name());
      now.done().complete(left);
    } else {
      lookIn(LOOK_AGAIN, new Drained(drained, now.deadline(), left, now.done()));
    }
  }

  /** Allows sessions there again. */
  void undrain(String name) {
    upstreams.undrain(name);
    relinks.healthy();
  }
}

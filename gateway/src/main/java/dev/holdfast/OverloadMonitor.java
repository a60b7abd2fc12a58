package dev.holdfast;

import dev.holdfast.admin.EventLoopLag;
import dev.holdfast.admin.Overload;
import dev.holdfast.admin.Overload.Indicator;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.sessions.SessionService;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The resources that a node may be short of, with the settings that limit them. Stateless. */
final class OverloadMonitor {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private OverloadMonitor() {}

  /** Checks them periodically and updates metrics. */
  static Overload start(SessionService.Shared shared, EventLoopLag lag, Timers timers) {
    Quotas quotas = shared.quotas();
    BooleanSupplier connections =
        () -> quotas.isShort(Resource.CONNECTIONS) || shared.admission().isShort();
    Overload overload =
        new Overload(
            List.of(
                new Indicator("event-loop", lag::warning),
                nearlyUsedUp("limits.connections", connections),
                nearlyUsedUp("limits.heads", () -> quotas.isShort(Resource.HEAD_BYTES)),
                nearlyUsedUp("limits.bodies", () -> quotas.isShort(Resource.BODY_BYTES)),
                nearlyUsedUp("limits.buffers", shared.pool()::isShort),
                nearlyUsedUp("resume.memory", shared.outboxes()::isShort)),
            SteadyClock::nanoTime);
    shared.metrics().overloaded(overload.gauges());
    look(overload, timers);
    return overload;
  }

  private static Indicator nearlyUsedUp(String setting, BooleanSupplier isShort) {
    return new Indicator(
        setting,
        () ->
            isShort.getAsBoolean()
                ? Optional.of(setting + " is nearly used up")
                : Optional.empty());
  }

  private static void look(Overload overload, Timers timers) {
    var unused =
        timers.after(
            BETWEEN_LOOKS,
            () -> {
              look(overload, timers);
              overload.check();
            });
  }
}

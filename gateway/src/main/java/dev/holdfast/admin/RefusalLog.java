package dev.holdfast.admin;

import dev.holdfast.time.LogThrottle;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the first refused request of each kind at once, and later ones as a count. Thread-safe. */
final class RefusalLog {
  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);

  private final Map<Refusal, LogThrottle> kinds = new EnumMap<>(Refusal.class);

  /** Uses this steady clock, in nanoseconds. */
  RefusalLog(LongSupplier nanoTime) {
    for (Refusal each : Refusal.values()) {
      kinds.put(each, new LogThrottle(nanoTime));
    }
  }

  /** Records a refused request of an address. */
  void refused(Refusal why, InetAddress address) {
    Objects.requireNonNull(kinds.get(why))
        .run(
            count ->
                LOG.warn(
                    "the admin port refused a request of {}: {}{}",
                    address.getHostAddress(),
                    why.sentence(),
                    count == 1 ? "" : " (and " + (count - 1) + " before, not logged)"));
  }
}

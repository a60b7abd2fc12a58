package dev.holdfast.cluster;

import dev.holdfast.time.LogThrottle;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs rejected signatures: the first of a kind at once, those that follow within a
 * minute as a count. Thread-safe.
 */
public final class RejectionLog {
  private static final Logger LOG = LoggerFactory.getLogger(RejectionLog.class);

  private final BiConsumer<String, String> count;
  private final Map<Signed, Map<Reason, LogThrottle>> lines = new EnumMap<>(Signed.class);

  /** Why a signature was rejected. */
  public enum Reason {
    FORGED("not signed by a node of this cluster, or the nodes have different secrets"),
    FOREIGN("addressed to another node, or to an earlier run of this one"),
    EXPIRED("expired, or the clocks of the nodes differ by more than 30 s"),
    EARLY("the clock of its node is more than 30 s ahead of this node's"),
    REPLAYED("received before");

    private final String sentence;

    Reason(String sentence) {
      this.sentence = sentence;
    }

    /** Returns the name in metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param count receives the labels of kind and reason
   * @param nanoTime a steady clock, in nanoseconds
   */
  public RejectionLog(BiConsumer<String, String> count, LongSupplier nanoTime) {
    this.count = count;
    for (Signed kind : Signed.values()) {
      Map<Reason, LogThrottle> ofKind = new EnumMap<>(Reason.class);
      for (Reason reason : Reason.values()) {
        ofKind.put(reason, new LogThrottle(nanoTime));
      }
      lines.put(kind, ofKind);
    }
  }

  /**
   * Counts and logs a rejected signature.
   *
   * @param origin where it came from, for the log
   */
  public void refused(Signed kind, Reason reason, String origin) {
    count.accept(kind.label(), reason.label());
    throttle(kind, reason)
        .run(
            times ->
                LOG.warn(
                    "rejected a {} from {} ({}): {}{}",
                    kind.label(),
                    origin,
                    reason.label(),
                    reason.sentence,
                    LogThrottle.more(times)));
  }

  private LogThrottle throttle(Signed kind, Reason reason) {
    return Objects.requireNonNull(Objects.requireNonNull(lines.get(kind)).get(reason));
  }
}

package dev.holdfast.http;

import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.LogThrottle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts requests that are refused and logs them: the first of an address and reason at once, those
 * that follow as a number, once a minute. Thread-safe.
 */
public final class RefusalLines {
  /**
   * Addresses and reasons that are known at a time, some 200 bytes each. When all of them have had
   * a line within a minute, the others share one.
   */
  static final int MAX_KNOWN = 1024;

  /** Of a value that a peer has made up; a host name has 253 characters, few have 100. */
  private static final int SHOWN_CHARACTERS = 120;

  private static final Logger LOG = LoggerFactory.getLogger(RefusalLines.class);

  private record Kind(Peer peer, String reason) {}

  private final Metrics metrics;
  private final LongSupplier nanoTime;
  private final Map<Kind, LogThrottle> known = new LinkedHashMap<>(16, 0.75f, true);
  private final LogThrottle others;

  /** Reads this steady clock, in nanoseconds. */
  public RefusalLines(Metrics metrics, LongSupplier nanoTime) {
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.others = new LogThrottle(nanoTime);
  }

  /**
   * A request was refused.
   *
   * @param address of the peer, as the log shows it
   * @param reason the value of the label {@code reason}
   * @param sentence what was got, what was expected, and which setting decides
   */
  public void refused(Peer peer, String address, String reason, String sentence) {
    metrics.refused(reason);
    throttle(new Kind(peer, reason))
        .run(
            count ->
                LOG.info(
                    "refused a request of {} ({}): {}{}",
                    address,
                    reason,
                    sentence,
                    count == 1 ? "" : "; " + (count - 1) + " more since the last such line"));
  }

  private synchronized LogThrottle throttle(Kind kind) {
    LogThrottle throttle = known.get(kind);
    if (throttle == null) {
      if (known.size() == MAX_KNOWN && !forgotOne()) {
        return others;
      }
      throttle = new LogThrottle(nanoTime);
      known.put(kind, throttle);
    }
    return throttle;
  }

  /** The one that has not been refused for longest goes, if its minute is over. */
  private boolean forgotOne() {
    var eldest = known.entrySet().iterator();
    boolean over = eldest.next().getValue().isDue();
    if (over) {
      eldest.remove();
    }
    return over;
  }

  /** A value of a request as a line of the log and a body may show it: short, ASCII, no quotes. */
  public static String shown(String value) {
    StringBuilder text = new StringBuilder("'");
    value.chars().limit(SHOWN_CHARACTERS).forEach(c -> text.append(isPlain(c) ? (char) c : '?'));
    return text.append(value.length() > SHOWN_CHARACTERS ? "...'" : "'").toString();
  }

  private static boolean isPlain(int c) {
    return c >= ' ' && c < 0x7f && "\"'\\<>&".indexOf(c) < 0;
  }
}

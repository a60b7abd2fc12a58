package dev.holdfast.http1;

import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.time.LogThrottle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs refused requests: the first of each address and reason at once, later ones as a
 * count once a minute. Thread-safe.
 */
public final class RefusalLines {
  /**
   * Number of addresses and reasons tracked, at some 200 bytes each. When all of them have been
   * logged within a minute, further ones share a line.
   */
  static final int MAX_KNOWN = 1024;

  /**
   * Maximum length of a client's value that is shown; host names may have 253 characters, but
   * rarely 100.
   */
  private static final int SHOWN_CHARACTERS = 120;

  private static final Logger LOG = LoggerFactory.getLogger(RefusalLines.class);

  private record Kind(Peer peer, String reason) {}

  private final Consumer<String> refused;
  private final LongSupplier nanoTime;
  private final Map<Kind, LogThrottle> known = new LinkedHashMap<>(16, 0.75f, true);
  private final LogThrottle others;

  /**
   * Creates an instance that uses this steady clock, in nanoseconds.
   *
   * @param refused counts each request, by its reason
   */
  public RefusalLines(Consumer<String> refused, LongSupplier nanoTime) {
    this.refused = refused;
    this.nanoTime = nanoTime;
    this.others = new LogThrottle(nanoTime);
  }

  /**
   * Counts and logs a refused request.
   *
   * @param address of the peer, as shown in the log
   * @param reason the value of the metric label {@code reason}
   * @param sentence what was received, what was expected, and which setting applies
   */
  public void refused(Peer peer, String address, String reason, String sentence) {
    refused.accept(reason);
    throttle(new Kind(peer, reason))
        .run(
            count ->
                LOG.info(
                    "refused a request of {} ({}): {}{}",
                    address,
                    reason,
                    sentence,
                    LogThrottle.more(count)));
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

  /** Drops the least recently refused entry if its minute is over. */
  private boolean forgotOne() {
    var eldest = known.entrySet().iterator();
    boolean over = eldest.next().getValue().isDue();
    if (over) {
      eldest.remove();
    }
    return over;
  }

  /**
   * Formats a value of a request for a log line and a response body: short, ASCII, without quotes.
   */
  public static String shown(String value) {
    StringBuilder text = new StringBuilder("'");
    value.chars().limit(SHOWN_CHARACTERS).forEach(c -> text.append(isPlain(c) ? (char) c : '?'));
    return text.append(value.length() > SHOWN_CHARACTERS ? "...'" : "'").toString();
  }

  private static boolean isPlain(int c) {
    return c >= ' ' && c < 0x7f && "\"'\\<>&".indexOf(c) < 0;
  }
}

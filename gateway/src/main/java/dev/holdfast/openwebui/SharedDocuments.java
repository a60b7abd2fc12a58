package dev.holdfast.openwebui;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Provides documents for sessions that start to switch over. Thread-safe. */
public final class SharedDocuments {
  /** Maximum number of members: each fence goes to all links of a document. */
  private static final int MOST_MEMBERS = 16;

  /**
   * Switchovers take some seconds; a session that starts later would need fences after the others
   * have finished.
   */
  private static final Duration YOUNG = Duration.ofSeconds(2);

  /** Maximum number of remembered pairs of upstreams. */
  private static final int MOST_PAIRS = 256;

  private record Pair(String from, String to) {}

  private final RandomGenerator random;
  private final Map<Pair, SharedDocument> youngest =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, SharedDocument> eldest) {
          return size() > MOST_PAIRS;
        }
      };

  /** Creates an instance without documents. */
  public SharedDocuments(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Returns the document for a session that switches between these upstreams at this steady time.
   */
  public synchronized SharedDocument between(String from, String to, long now) {
    Pair pair = new Pair(from, to);
    SharedDocument present = youngest.get(pair);
    if (present != null && present.admits(MOST_MEMBERS, YOUNG, now)) {
      return present;
    }
    SharedDocument fresh = new SharedDocument(random, now);
    fresh.admits(MOST_MEMBERS, YOUNG, now);
    youngest.put(pair, fresh);
    return fresh;
  }
}

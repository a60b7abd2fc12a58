package dev.holdfast.openwebui;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The documents of a node that sessions which begin to move now may join. Thread-safe. */
public final class SharedDocuments {
  /** Each fence goes to all links of a document, so it costs an upstream more with each. */
  private static final int MOST_MEMBERS = 16;

  /**
   * Switchovers take some seconds: who begins later would need fences when the others have gone.
   */
  private static final Duration YOUNG = Duration.ofSeconds(2);

  /** More pairs of upstreams are not remembered. */
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

  /** None yet. */
  public SharedDocuments(RandomGenerator random) {
    this.random = random;
  }

  /** The one for a session that moves between these upstreams, at this steady time. */
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

package dev.holdfast.openwebui;

import dev.holdfast.session.LinkFence.Link;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A document shared by sessions that switch between the same two upstreams at the same time, so
 * that one fence serves all of them. Thread-safe.
 */
public final class SharedDocument {
  /** Interval between fences over links of the same side. */
  private static final Duration PACE = Duration.ofMillis(100);

  /** The interval with many members, when each fence is expensive for the upstreams. */
  private static final Duration SLOWER_PACE = Duration.ofMillis(200);

  private static final int MANY = 3;

  private static final int ID_BYTES = 16;

  private final String id;
  private final long since;
  private final Map<Link, Long> lastAt = new EnumMap<>(Link.class);
  private int members;

  SharedDocument(RandomGenerator random, long now) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    this.id = "hf:" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    this.since = now;
  }

  /** Returns the name: {@code hf:} and 128 random bits. */
  String id() {
    return id;
  }

  /**
   * Adds a member if the document has room and is young; each member costs the others some packets.
   */
  synchronized boolean admits(int most, Duration youngerThan, long now) {
    boolean admitted = members < most && now - since < youngerThan.toNanos();
    members += admitted ? 1 : 0;
    return admitted;
  }

  synchronized boolean isDue(Link over, long now) {
    Long last = lastAt.get(over);
    Duration pace = members < MANY ? PACE : SLOWER_PACE;
    boolean due = last == null || now - last >= pace.toNanos();
    if (due) {
      lastAt.put(over, now);
    }
    return due;
  }
}

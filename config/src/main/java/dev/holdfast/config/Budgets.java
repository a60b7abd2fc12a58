package dev.holdfast.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a process spends of its {@link Capacity}: what is configured, and for the rest a part of
 * what there is. Immutable.
 *
 * <p>Half of the heap is left to sessions, and a quarter of the direct memory to sockets. Of the
 * descriptors a reserve is left to the admin port, to health checks and to the JVM; a client may
 * need two of the others, one of them for its link.
 *
 * @param heads bytes ({@code limits.heads})
 * @param bodies bytes ({@code limits.bodies})
 * @param buffers bytes ({@code limits.buffers})
 * @param outboxes bytes ({@code resume.memory})
 * @param connections ({@code limits.connections})
 */
public record Budgets(long heads, long bodies, long buffers, long outboxes, int connections) {
  private static final long MOST_HEADS = 8L << 20;

  /** An idle session takes 9 KB of the heap, and the collector needs as much again. */
  private static final long HEAP_OF_CONNECTION = 32L << 10;

  /** So few that even without a single byte waiting there is no room for more. */
  private static final long LEAST_HEAP_OF_CONNECTION = 8L << 10;

  /** What the JVM, the ports and Redis have open. */
  private static final long OTHER_DESCRIPTORS = 64;

  /** What is configured, and a fitting part of the capacity for what is not. */
  static Budgets of(Capacity capacity, Settings given) {
    long heap = capacity.heapBytes();
    long direct = capacity.directBytes();
    return new Budgets(
        given
            .get(LimitKeys.HEADS)
            .orElseGet(
                () -> part(Math.min(MOST_HEADS, heap / 16), heap / 2, given.get(LimitKeys.BODIES))),
        given
            .get(LimitKeys.BODIES)
            .orElseGet(() -> part(heap / 4, heap / 2, given.get(LimitKeys.HEADS))),
        given
            .get(LimitKeys.BUFFERS)
            .orElseGet(() -> part(direct / 4, ofBuffers(capacity), given.get(ResumeKeys.MEMORY))),
        given
            .get(ResumeKeys.MEMORY)
            .orElseGet(() -> part(direct / 2, ofBuffers(capacity), given.get(LimitKeys.BUFFERS))),
        connections(capacity, given.get(LimitKeys.CONNECTIONS)));
  }

  /** So much, unless something else that comes out of the same leaves less. */
  private static long part(long usual, long all, Optional<Long> other) {
    return Math.max(1, other.map(taken -> Math.min(usual, all - taken)).orElse(usual));
  }

  private static int connections(Capacity capacity, Optional<Integer> given) {
    long usual = capacity.heapBytes() / HEAP_OF_CONNECTION;
    long most = Math.min(given.map(Long::valueOf).orElse(usual), withLinks(capacity));
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, most));
  }

  /** So many connections can each have a link. */
  private static long withLinks(Capacity capacity) {
    return Math.max(1, forConnections(capacity) / 2);
  }

  private static long ofBuffers(Capacity capacity) {
    return capacity.directBytes() - capacity.directBytes() / 4;
  }

  private static long forConnections(Capacity capacity) {
    return Math.max(1, capacity.openForAccepting() - OTHER_DESCRIPTORS);
  }

  /** What is configured beyond the capacity, and what to do about it. */
  Map<Key<?>, String> excesses(Capacity capacity, Settings given) {
    Map<Key<?>, String> all = new LinkedHashMap<>();
    if (buffers + outboxes > ofBuffers(capacity)) {
      boolean first = larger(given.get(LimitKeys.BUFFERS), given.get(ResumeKeys.MEMORY));
      all.put(
          first ? LimitKeys.BUFFERS : ResumeKeys.MEMORY,
          "must be at most %s together with %s, three quarters of the direct memory, which is %s: lower it, or raise -XX:MaxDirectMemorySize"
              .formatted(
                  Quantity.shown(ofBuffers(capacity)),
                  first ? taken(ResumeKeys.MEMORY, outboxes) : taken(LimitKeys.BUFFERS, buffers),
                  Quantity.shown(capacity.directBytes())));
    }
    if (heads + bodies > capacity.heapBytes() / 2) {
      boolean first = larger(given.get(LimitKeys.HEADS), given.get(LimitKeys.BODIES));
      all.put(
          first ? LimitKeys.HEADS : LimitKeys.BODIES,
          "must be at most %s together with %s, half of the heap, which is %s: lower it, or raise -Xmx or -XX:MaxRAMPercentage"
              .formatted(
                  Quantity.shown(capacity.heapBytes() / 2),
                  first ? taken(LimitKeys.BODIES, bodies) : taken(LimitKeys.HEADS, heads),
                  Quantity.shown(capacity.heapBytes())));
    }
    connectionsBeyond(capacity, given).ifPresent(excess -> all.put(LimitKeys.CONNECTIONS, excess));
    return all;
  }

  private Optional<String> connectionsBeyond(Capacity capacity, Settings given) {
    int wanted = given.get(LimitKeys.CONNECTIONS).orElse(connections);
    if (wanted > forConnections(capacity)) {
      return Optional.of(
          "must be at most %d, as %d descriptors may be open and some are reserved: lower it, or raise ulimit -n"
              .formatted(forConnections(capacity), capacity.descriptors()));
    }
    if (wanted > capacity.heapBytes() / LEAST_HEAP_OF_CONNECTION) {
      return Optional.of(
          "must be at most %d for a heap of %s: lower it, or raise -Xmx or -XX:MaxRAMPercentage"
              .formatted(
                  capacity.heapBytes() / LEAST_HEAP_OF_CONNECTION,
                  Quantity.shown(capacity.heapBytes())));
    }
    return Optional.empty();
  }

  private static boolean larger(Optional<Long> one, Optional<Long> other) {
    return one.orElse(0L) > other.orElse(0L);
  }

  private static String taken(Key<?> other, long bytes) {
    return other.name() + " (" + Quantity.shown(bytes) + ")";
  }

  /** Why fewer connections are taken than are configured, if that is so. */
  Optional<String> shortage(Capacity capacity, Settings given) {
    return given
        .get(LimitKeys.CONNECTIONS)
        .filter(configured -> configured > connections)
        .map(
            configured ->
                "limits.connections is %d, but ulimit -n is %d, enough for %d clients with their links: no more are taken; raise it, or lower the setting"
                    .formatted(configured, capacity.descriptors(), connections));
  }

  @Override
  public String toString() {
    return "limits.heads %s, limits.bodies %s, limits.buffers %s, resume.memory %s, limits.connections %d"
        .formatted(
            Quantity.shown(heads),
            Quantity.shown(bodies),
            Quantity.shown(buffers),
            Quantity.shown(outboxes),
            connections);
  }
}

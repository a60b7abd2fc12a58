package dev.holdfast.config;

import java.util.Optional;

/**
 * What a process has to spend. Immutable.
 *
 * @param heapBytes the most that the heap may become
 * @param directBytes memory outside the heap that buffers may take ({@code MaxDirectMemorySize})
 * @param descriptors files and sockets that may be open; {@link Long#MAX_VALUE} if nobody limits it
 * @param memoryBytes of the container or the machine, for all of the process
 */
public record Capacity(long heapBytes, long directBytes, long descriptors, long memoryBytes) {
  /** Stands in for that of a process which is not this one. */
  static final Capacity ASSUMED = new Capacity(1L << 30, 1L << 30, Long.MAX_VALUE, 4L << 30);

  /** What XNIO may accept before anybody is asked. */
  private static final long ACCEPTED_AT_ONCE = 128;

  private static final int RESERVED_PART = 16;

  /** What the JVM needs besides the heap and direct memory: code, classes, threads. */
  private static final long OF_THE_JVM = 64L << 20;

  /**
   * So many descriptors may be open for more clients to be accepted: the others are left to links,
   * to operators, and to what is accepted in one go.
   */
  public long openForAccepting() {
    return Math.max(descriptors / 2, descriptors - ACCEPTED_AT_ONCE - descriptors / RESERVED_PART);
  }

  /** Why the system may end the process, if it may. */
  Optional<String> overcommitment() {
    return heapBytes + directBytes + OF_THE_JVM <= memoryBytes
        ? Optional.empty()
        : Optional.of(
            "heap (%s), direct memory (%s) and the JVM itself (%s) are more than the %s that there are: lower -Xmx or -XX:MaxDirectMemorySize, or the system may end the process"
                .formatted(
                    Quantity.shown(heapBytes),
                    Quantity.shown(directBytes),
                    Quantity.shown(OF_THE_JVM),
                    Quantity.shown(memoryBytes)));
  }

  @Override
  public String toString() {
    return "memory %s, heap %s, direct memory %s, %s descriptors"
        .formatted(
            Quantity.shown(memoryBytes),
            Quantity.shown(heapBytes),
            Quantity.shown(directBytes),
            descriptors == Long.MAX_VALUE ? "any number of" : descriptors);
  }
}

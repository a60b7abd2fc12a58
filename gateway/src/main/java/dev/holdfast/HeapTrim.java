package dev.holdfast;

import dev.holdfast.time.ErrorBoundary;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Returns unused heap to the system after a burst. The serial collector, which the JVM selects in a
 * small container, shrinks the heap only in a full collection, and an idle process has none. Other
 * collectors have their own options ({@code G1PeriodicGCInterval}).
 */
public final class HeapTrim {
  private static final String SERIAL = "MarkSweepCompact";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /** Minimum growth that is worth a pause. */
  private static final double GROWN = 1.25;

  private final LongSupplier collections;
  private final LongSupplier committed;
  private final Runnable collect;
  private long seen = -1;
  private double kept;

  /**
   * Creates a trimmer.
   *
   * @param collections number of collections so far
   * @param committed bytes of committed heap
   * @param collect performs a full collection
   */
  HeapTrim(LongSupplier collections, LongSupplier committed, Runnable collect) {
    this.collections = collections;
    this.committed = committed;
    this.collect = collect;
  }

  /** Checks every 10 s for the life of the process, if its collector needs it. */
  public static void start() {
    List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    if (collectors.stream().noneMatch(each -> each.getName().equals(SERIAL))) {
      return;
    }
    HeapTrim trim =
        new HeapTrim(
            () -> collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum(),
            Runtime.getRuntime()::totalMemory,
            System::gc);
    Thread thread = new Thread(trim::run, "heap-trim");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    ErrorBoundary boundary = ErrorBoundary.lasting("looking at the heap", () -> {});
    while (true) {
      LockSupport.parkNanos(INTERVAL.toNanos());
      boundary.run(this::look);
    }
  }

  /**
   * Collects if the heap has grown since the last collection and nothing was collected since the
   * last check.
   */
  void look() {
    boolean calm = collections.getAsLong() == seen;
    if (calm && committed.getAsLong() > kept) {
      collect.run();
      kept = GROWN * committed.getAsLong();
    }
    seen = collections.getAsLong();
  }
}

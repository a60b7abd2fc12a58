package dev.holdfast;

import dev.holdfast.time.ErrorBoundary;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Gives heap that a burst has taken back to the system. The serial collector, which the JVM chooses
 * in a small container, shrinks the heap only in a full collection, and a calm process has none. Of
 * other collectors it is a matter of their options ({@code G1PeriodicGCInterval}).
 */
public final class HeapTrim {
  private static final String SERIAL = "MarkSweepCompact";
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /** Growth of less is not worth a pause. */
  private static final double GROWN = 1.25;

  private final LongSupplier collections;
  private final LongSupplier committed;
  private final Runnable collect;
  private long seen = -1;
  private double kept;

  /**
   * Has not looked yet.
   *
   * @param collections how many there were
   * @param committed bytes of the heap that the system has given
   * @param collect makes a full collection
   */
  HeapTrim(LongSupplier collections, LongSupplier committed, Runnable collect) {
    this.collections = collections;
    this.committed = committed;
    this.collect = collect;
  }

  /** Looks every 10 s for as long as the process runs, if its collector needs it. */
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
   * Collects if the heap has grown since the last time, and nothing was collected since the last
   * look.
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

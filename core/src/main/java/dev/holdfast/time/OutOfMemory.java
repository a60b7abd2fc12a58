package dev.holdfast.time;

import dev.holdfast.memory.DirectMemory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when memory is exhausted: immediately for the heap, because any object may be
 * half initialized, and for direct memory if failures continue although each has ended its session.
 * Thread-safe.
 */
final class OutOfMemory {
  /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}, which the launchers set. */
  static final int HEAP = 3;

  /** The exit code for direct memory, which that option does not cover. */
  static final int DIRECT = 4;

  /**
   * Number of failed direct allocations that ends the process. A single large message may cause
   * one, and a second while its session ends; a third shows that ending sessions does not help.
   */
  static final int MOST_DIRECT = 3;

  /** The span in which these failures occur. Ending a session frees its memory within a second. */
  static final Duration WITHIN = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(OutOfMemory.class);

  /** Prefixes of the JVM's messages when it cannot create an object or load a class. */
  private static final List<String> OF_THE_JVM =
      List.of(
          "Java heap space",
          "GC overhead limit exceeded",
          "Requested array size exceeds VM limit",
          "Metaspace",
          "Compressed class space");

  /** Maximum number of causes to follow. */
  private static final int DEPTH = 8;

  /** Bytes of heap that are set free to report that the rest is used up: a region of its own. */
  private static final int RESERVE = 512 * 1024;

  private static final Runtime RUNTIME = Runtime.getRuntime();

  private final LongSupplier nanoTime;
  private final Exit exit;
  private final Deque<Long> failures = new ArrayDeque<>();

  // Only takes up memory.
  @SuppressWarnings("UnusedVariable")
  private byte @Nullable [] reserve = new byte[RESERVE];

  // A field, because the JVM needs memory when it meets a literal for the first time.
  private final String heapUsedUp = "holdfast: the heap is used up, exiting with code 3 (-Xmx)";

  /** Ends the process. */
  interface Exit {
    /** Ends the process at once with this code, and prints the reason. */
    void halt(int code, String sentence);
  }

  OutOfMemory(LongSupplier nanoTime, Exit exit) {
    this.nanoTime = nanoTime;
    this.exit = exit;
  }

  /** Returns the instance that ends this process. */
  static OutOfMemory ofProcess() {
    OutOfMemory process = new OutOfMemory(SteadyClock::nanoTime, OutOfMemory::halt);
    // The JVM resolves classes and literals when they are first used, which needs memory.
    process.met(new OutOfMemoryError());
    System.err.flush();
    return process;
  }

  private static void halt(int code, String sentence) {
    try {
      // The log's queue would not be written any more.
      System.err.println(sentence);
    } finally {
      RUNTIME.halt(code);
    }
  }

  /** Checks a thrown error and its causes. */
  void met(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < DEPTH && cause != null; i++) {
      if (cause instanceof OutOfMemoryError error) {
        met(error);
        return;
      }
      cause = cause.getCause();
    }
  }

  private void met(OutOfMemoryError error) {
    if (isOfTheJvm(error)) {
      reserve = null;
      exit.halt(HEAP, heapUsedUp);
    } else if (DirectMemory.isUsedUp(error)) {
      directFailed();
    }
  }

  /** Allocates nothing: a second error here would hide the first. */
  private static boolean isOfTheJvm(OutOfMemoryError error) {
    String message = error.getMessage();
    for (int i = 0; message != null && i < OF_THE_JVM.size(); i++) {
      if (message.startsWith(OF_THE_JVM.get(i))) {
        return true;
      }
    }
    return false;
  }

  private synchronized void directFailed() {
    long now = nanoTime.getAsLong();
    while (!failures.isEmpty() && now - failures.getFirst() > WITHIN.toNanos()) {
      failures.removeFirst();
    }
    failures.addLast(now);
    if (failures.size() >= MOST_DIRECT) {
      exit.halt(
          DIRECT,
          "holdfast: direct memory is used up, exiting with code 4 (limits.buffers, resume.memory,"
              + " -XX:MaxDirectMemorySize)");
    } else {
      LOG.warn("direct memory is used up, {} of {} times", failures.size(), MOST_DIRECT);
    }
  }
}

package dev.holdfast.time;

import dev.holdfast.memory.DirectMemory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when its memory is used up: at once for the heap, since any object may be half
 * made then, and for direct memory when failures follow each other though each has ended its
 * session. Thread-safe.
 */
final class OutOfMemory {
  /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}, which the launchers set. */
  static final int HEAP = 3;

  /** The exit code for direct memory, which that option does not cover. */
  static final int DIRECT = 4;

  /**
   * Failures of direct reservations that end the process. A single large message may cause one, and
   * a second while its session ends; a third says that ending sessions does not help.
   */
  static final int MOST_DIRECT = 3;

  /** How close together they are then. Ending a session frees its memory within a second. */
  static final Duration WITHIN = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(OutOfMemory.class);

  /** How the messages of the JVM begin when it can make no object, or load no class. */
  private static final List<String> OF_THE_JVM =
      List.of(
          "Java heap space",
          "GC overhead limit exceeded",
          "Requested array size exceeds VM limit",
          "Metaspace",
          "Compressed class space");

  /** Causes are followed to here. */
  private static final int DEPTH = 8;

  private final LongSupplier nanoTime;
  private final Exit exit;
  private final Deque<Long> failures = new ArrayDeque<>();

  /** Ends the process. */
  interface Exit {
    /** Ends it at once, with this code, and says why. */
    void halt(int code, String sentence);
  }

  OutOfMemory(LongSupplier nanoTime, Exit exit) {
    this.nanoTime = nanoTime;
    this.exit = exit;
  }

  /** The one of this process. */
  static OutOfMemory ofProcess() {
    return new OutOfMemory(SteadyClock::nanoTime, OutOfMemory::halt);
  }

  private static void halt(int code, String sentence) {
    try {
      // What is logged now waits in a queue that nobody writes any more.
      System.err.println("holdfast: " + sentence);
    } finally {
      Runtime.getRuntime().halt(code);
    }
  }

  /** This was thrown. */
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
    String message = String.valueOf(error.getMessage());
    if (OF_THE_JVM.stream().anyMatch(message::startsWith)) {
      exit.halt(HEAP, "the heap is used up, the process ends with code 3 (-Xmx)");
    } else if (DirectMemory.isUsedUp(error)) {
      directFailed();
    }
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
          "direct memory is used up, the process ends with code 4 (limits.buffers, resume.memory,"
              + " -XX:MaxDirectMemorySize)");
    } else {
      LOG.warn("direct memory is used up, {} of {} times", failures.size(), MOST_DIRECT);
    }
  }
}

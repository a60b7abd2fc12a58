package dev.holdfast.injection;

import java.io.IOException;
import java.lang.StackWalker.StackFrame;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What instrumented copies of the product's classes call. It notes where a node passes, and throws
 * there once if that is wanted. Only threads of the node count. Thread-safe.
 */
public final class FaultPoints {
  /** What is thrown. */
  enum Kind {
    ERROR,
    EXCEPTION,
    IO
  }

  /**
   * Where something can be thrown.
   *
   * @param io whether that may be an {@link IOException}
   */
  record Point(String place, boolean io) implements Comparable<Point> {
    @Override
    public int compareTo(Point other) {
      return place.compareTo(other.place);
    }
  }

  /** What was thrown on purpose. */
  interface Planted {}

  private static final class PlantedError extends Error implements Planted {
    private static final long serialVersionUID = 1;

    PlantedError(Point at) {
      super("planted: " + at.place());
    }
  }

  private static final class PlantedException extends RuntimeException implements Planted {
    private static final long serialVersionUID = 1;

    PlantedException(Point at) {
      super("planted: " + at.place());
    }
  }

  private static final class PlantedIo extends IOException implements Planted {
    private static final long serialVersionUID = 1;

    PlantedIo(Point at) {
      super("planted: " + at.place());
    }
  }

  /** Threads of the upstream that the node has, and of its clients. */
  private static final Predicate<String> FOREIGN =
      Pattern.compile("main|XNIO-.*|upstream.*|client.*|ForkJoin.*").asMatchPredicate();

  /** They only hand on: who calls them is the place. */
  private static final Set<String> CARRIERS =
      Set.of(
          "dev.holdfast.injection.FaultPoints",
          "dev.holdfast.time.ErrorBoundary",
          "dev.holdfast.time.Timers",
          "dev.holdfast.memory.Quotas",
          "dev.holdfast.memory.BufferPool",
          "dev.holdfast.wire.XnioEventLoop");

  private static final Map<Point, Integer> PASSED = new TreeMap<>();
  private static boolean noting;
  private static @Nullable Point wanted;
  private static Kind kind = Kind.ERROR;
  private static int spared;
  private static boolean thrown;

  private FaultPoints() {}

  /** From now on it is noted where the node passes. */
  static synchronized void note() {
    PASSED.clear();
    noting = true;
  }

  /** How often the node has passed each place since {@link #note}. */
  static synchronized Map<Point, Integer> passed() {
    noting = false;
    return new TreeMap<>(PASSED);
  }

  /** The next time but so many that the node comes there, it throws. */
  static synchronized void arm(Point where, Kind what, int after) {
    wanted = where;
    kind = what;
    spared = after;
    thrown = false;
  }

  /** Nothing is thrown any more; whether it was. */
  static synchronized boolean disarm() {
    wanted = null;
    return thrown;
  }

  /** Whether it has thrown since {@link #arm}. */
  static synchronized boolean hasThrown() {
    return thrown;
  }

  /** An entry of a boundary. */
  public static void entered(String what, Object entry) {
    if (isOf(Thread.currentThread())) {
      pass(new Point("entry of " + what + " " + name(entry) + caller(), false));
    }
  }

  /** A call of a port or pool. */
  public static void at(String call) {
    if (isOf(Thread.currentThread())) {
      pass(new Point(call + caller(), false));
    }
  }

  /** The same where an {@link IOException} is declared. */
  public static void atIo(String call) throws IOException {
    if (isOf(Thread.currentThread())) {
      Point at = new Point(call + caller(), true);
      if (isDue(at)) {
        if (kind == Kind.IO) {
          throw new PlantedIo(at);
        }
        fail(at);
      }
    }
  }

  private static void pass(Point at) {
    if (isDue(at)) {
      fail(at);
    }
  }

  private static void fail(Point at) {
    if (kind == Kind.ERROR) {
      throw new PlantedError(at);
    }
    throw new PlantedException(at);
  }

  private static synchronized boolean isDue(Point at) {
    if (noting) {
      PASSED.merge(at, 1, Integer::sum);
    }
    if (!at.equals(wanted) || spared-- > 0) {
      return false;
    }
    wanted = null;
    thrown = true;
    return true;
  }

  private static boolean isOf(Thread thread) {
    return !FOREIGN.test(thread.getName());
  }

  /** Of a lambda, the class that has it; what tells two of them apart is the caller. */
  private static String name(Object entry) {
    String name = entry.getClass().getName();
    int lambda = name.indexOf("/0x");
    return (lambda < 0 ? name : name.substring(0, lambda)).replace("dev.holdfast.", "");
  }

  private static String caller() {
    Optional<StackFrame> frame =
        StackWalker.getInstance()
            .walk(
                stack ->
                    stack
                        .filter(it -> it.getClassName().startsWith("dev.holdfast."))
                        .filter(it -> !CARRIERS.contains(outer(it.getClassName())))
                        .findFirst());
    return frame
        .map(
            it ->
                " in "
                    + outer(it.getClassName()).substring("dev.holdfast.".length())
                    + "."
                    + it.getMethodName())
        .orElse("");
  }

  private static String outer(String name) {
    int inner = name.indexOf('$');
    return inner < 0 ? name : name.substring(0, inner);
  }
}

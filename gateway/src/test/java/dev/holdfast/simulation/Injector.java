package dev.holdfast.simulation;

import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Throws once in a conversation: at a call of a port or pool inside a node, or at an entry. */
final class Injector {
  /** Where a node can meet what is thrown. */
  enum Place {
    /** An entry of a boundary. */
    ENTRY,
    EXECUTE,
    SCHEDULE,
    LISTEN,
    READ,
    WRITE,
    FLUSH,
    SHUTDOWN_WRITES,
    SUSPEND_READS,
    RESUME_READS,
    WAKEUP_READS,
    SUSPEND_WRITES,
    RESUME_WRITES,
    CLOSE,
    RECEIVE,
    ABORT,
    ANSWER,
    UPGRADE,
    SEND_ON,
    DIAL,
    CANCEL,
    FIND_NODE,
    OPEN_RECORD,
    WRITE_RECORD,
    CLOSE_RECORD,
    SWITCHED_OVER,
    FIND_SESSION,
    TAKE_TURN,
    ALLOCATE
  }

  private enum Kind {
    ERROR,
    EXCEPTION,
    IO
  }

  /** What was thrown on purpose. */
  interface Planted {}

  static final class PlantedError extends Error implements Planted {
    private static final long serialVersionUID = 1;

    PlantedError(Place place) {
      super("planted: " + place);
    }
  }

  static final class PlantedException extends RuntimeException implements Planted {
    private static final long serialVersionUID = 1;

    PlantedException(Place place) {
      super("planted: " + place);
    }
  }

  static final class PlantedIo extends IOException implements Planted {
    private static final long serialVersionUID = 1;

    PlantedIo(Place place) {
      super("planted: " + place);
    }
  }

  /** Most of what is thrown is thrown while something happens, the rest when it has happened. */
  private static final Duration BUSY = Duration.ofSeconds(4);

  static final Duration QUIET = Duration.ofSeconds(20);

  /** Calls that are spared first, at most. */
  private static final double MOST_SPARED = 50;

  private final @Nullable Place place;
  private final Kind kind;
  private final long after;
  private long from;
  private int spared;
  private boolean armed;
  private @Nullable Place thrownAt;
  private @Nullable World world;
  private Runnable told = () -> {};

  private Injector(@Nullable Place place, Kind kind, long after, int spared) {
    this.place = place;
    this.kind = kind;
    this.after = after;
    this.spared = spared;
  }

  /** Throws nothing. */
  static Injector none() {
    return new Injector(Place.ENTRY, Kind.ERROR, 0, 0);
  }

  /** Throws what the seed says where it says. */
  static Injector random(SplittableRandom random) {
    Place[] places = Place.values();
    Kind[] kinds = Kind.values();
    return new Injector(
        random.nextBoolean() ? places[random.nextInt(places.length)] : null,
        kinds[random.nextInt(kinds.length)],
        random.nextInt(4) > 0
            ? random.nextLong(BUSY.toNanos())
            : BUSY.toNanos() + random.nextLong(QUIET.toNanos()),
        (int) Math.pow(MOST_SPARED, random.nextDouble()) - 1);
  }

  /** Where it has thrown; null if it has not. */
  @Nullable Place thrownAt() {
    return thrownAt;
  }

  /** From now on calls in this world count; {@code then} runs before it throws. */
  void arm(World of, Runnable then) {
    world = of;
    told = then;
    from = of.now() + after;
    armed = true;
    Entries.injector = this;
  }

  /** Nothing is thrown any more. */
  void lift() {
    armed = false;
  }

  /** A node calls this. */
  void at(Place called) {
    if (isDue(called)) {
      if (kind == Kind.ERROR) {
        throw new PlantedError(called);
      }
      throw new PlantedException(called);
    }
  }

  /** A node calls this, which may declare an {@link IOException}. */
  void atIo(Place called) throws IOException {
    if (kind != Kind.IO) {
      at(called);
    } else if (isDue(called)) {
      throw new PlantedIo(called);
    }
  }

  private boolean isDue(Place called) {
    World now = world;
    if (!armed || !isWanted(called) || now == null || now.now() < from) {
      return false;
    }
    SimulatedLoop running = now.running;
    if (running == null || !running.isOfNode()) {
      return false;
    }
    if (spared > 0) {
      spared--;
      return false;
    }
    armed = false;
    thrownAt = called;
    now.trace().say(now.now(), "throw", kind + " at " + called + " " + stack());
    told.run();
    return true;
  }

  private boolean isWanted(Place called) {
    return place == null || called == place;
  }

  private static String stack() {
    return StackWalker.getInstance()
        .walk(stack -> stack.skip(3).limit(12).map(StackWalker.StackFrame::toString).toList())
        .toString();
  }
}

package dev.holdfast.simulation;

import dev.holdfast.time.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;

/**
 * An I/O thread that behaves as XNIO's: tasks first; when there are none, all timers that are due
 * become tasks at once, so that one that is cancelled after that runs all the same; then each
 * connection that is ready. The seed decides how long each of these takes, and so how several
 * threads interleave.
 */
final class SimulatedLoop implements EventLoop {
  private static final long MOST_NANOS_OF_A_STEP = 60_000;

  private record Delayed(long due, long number, Runnable task) {}

  private final World world;
  private final String name;
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final TreeSet<Delayed> delayed =
      new TreeSet<>(Comparator.comparingLong(Delayed::due).thenComparingLong(Delayed::number));
  private final Set<SimulatedConnection> ready = new LinkedHashSet<>();
  private final List<SimulatedConnection> selected = new ArrayList<>();
  private long number;
  private long plannedFor = Long.MAX_VALUE;
  private long stalledUntil;
  private final boolean ofNode;
  private boolean dead;

  SimulatedLoop(World world, String name) {
    this(world, name, false);
  }

  /** {@code ofNode}: whether it is one of a node's, and not of a client or an upstream. */
  SimulatedLoop(World world, String name, boolean ofNode) {
    this.world = world;
    this.name = name;
    this.ofNode = ofNode;
  }

  World world() {
    return world;
  }

  boolean isOfNode() {
    return ofNode;
  }

  @Override
  public boolean inEventLoop() {
    return equals(world.running);
  }

  @Override
  public void execute(Runnable task) {
    world.injector().at(Injector.Place.EXECUTE);
    if (dead) {
      throw new RejectedExecutionException(name + " has ended");
    }
    tasks.add(task);
    plan();
  }

  @Override
  public long nanoTime() {
    return world.now();
  }

  @Override
  public Runnable schedule(Duration delay, Runnable task) {
    world.injector().at(Injector.Place.SCHEDULE);
    long nanos = Math.max(1, delay.toMillis()) * 1_000_000;
    Delayed waiting = new Delayed(world.now() + nanos, number++, task);
    if (!dead) {
      delayed.add(waiting);
      plan();
    }
    return () -> delayed.remove(waiting);
  }

  /** A connection of this thread is ready to be read, or takes bytes again. */
  void ready(SimulatedConnection connection) {
    if (!dead && ready.add(connection)) {
      plan();
    }
  }

  /** The process gets no time until then. */
  void stallUntil(long time) {
    stalledUntil = Math.max(stalledUntil, time);
  }

  /** The process has ended. */
  void kill() {
    dead = true;
    tasks.clear();
    delayed.clear();
    ready.clear();
    selected.clear();
  }

  boolean isDead() {
    return dead;
  }

  /** Timers that wait. */
  int timers() {
    return delayed.size();
  }

  private void plan() {
    long soon = world.now() + world.random().nextLong(MOST_NANOS_OF_A_STEP);
    long at =
        tasks.isEmpty() && ready.isEmpty() && selected.isEmpty()
            ? (delayed.isEmpty() ? Long.MAX_VALUE : Math.max(soon, delayed.first().due()))
            : soon;
    at = at == Long.MAX_VALUE ? at : Math.max(at, stalledUntil);
    if (at < plannedFor) {
      plannedFor = at;
      world.after(at - world.now(), this::turn);
    }
  }

  private void turn() {
    if (dead || world.now() < plannedFor) {
      return;
    }
    plannedFor = Long.MAX_VALUE;
    if (world.now() >= stalledUntil) {
      step();
    }
    plan();
  }

  private void step() {
    if (!selected.isEmpty()) {
      run(selected.remove(0)::handle);
      return;
    }
    if (tasks.isEmpty()) {
      while (!delayed.isEmpty() && delayed.first().due() <= world.now()) {
        tasks.add(delayed.pollFirst().task());
      }
    }
    if (!tasks.isEmpty()) {
      run(tasks.remove());
    } else {
      selected.addAll(ready);
      ready.clear();
    }
  }

  private void run(Runnable task) {
    world.running = this;
    try {
      task.run();
    } catch (RejectedExecutionException e) {
      // A thread of a process that has ended.
    } catch (Violation violation) {
      throw violation;
    } catch (RuntimeException | Error e) {
      throw new Violation("thrown on " + name.charAt(0) + ": " + e, e);
    } finally {
      world.running = null;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}

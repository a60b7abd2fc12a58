package dev.holdfast.simulation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** All connections between simulated processes, and how they break. */
final class Network {
  /** The two ends of a connection, first the one that opened it. */
  record Cable(SimulatedConnection near, SimulatedConnection far) {
    Pipe up() {
      return near.out();
    }

    Pipe down() {
      return near.in();
    }
  }

  private final World world;
  private final Set<Cable> open = new LinkedHashSet<>();

  Network(World world) {
    this.world = world;
  }

  /** An open connection. */
  Cable connect(SimulatedLoop from, SimulatedLoop to, long latency, int capacity) {
    Pipe up = new Pipe(world, latency, capacity);
    Pipe down = new Pipe(world, latency, capacity);
    SimulatedConnection near = new SimulatedConnection(from, down, up);
    SimulatedConnection far = new SimulatedConnection(to, up, down);
    up.join(near, far);
    down.join(far, near);
    Cable cable = new Cable(near, far);
    near.onClose(() -> closed(cable, near, far, latency));
    far.onClose(() -> closed(cable, far, near, latency));
    open.add(cable);
    return cable;
  }

  /** An end was closed: the other sees the end of its bytes, or a reset if some were unread. */
  private void closed(
      Cable cable, SimulatedConnection closed, SimulatedConnection other, long latency) {
    if (closed.in().hasUnread()) {
      world.after(latency, other::reset);
    } else {
      closed.out().end();
    }
    if (other.isClosed()) {
      open.remove(cable);
    }
  }

  /** Somebody between the two resets a connection; both ends see it, each when it looks. */
  void reset(Cable cable) {
    cable.near().reset();
    cable.far().reset();
  }

  /** Nothing passes any more, and neither end is told. */
  void vanish(Cable cable) {
    cable.up().vanish();
    cable.down().vanish();
  }

  /** A process has died, and what has arrived from it goes with it, as if it were the machine. */
  void killed(List<SimulatedLoop> loops) {
    ends(loops, (gone, other) -> other.reset());
  }

  /** A process has ended: what it has written arrives, and what comes to it is reset. */
  void ended(List<SimulatedLoop> loops) {
    ends(
        loops,
        (gone, other) -> {
          if (gone.in().hasUnread()) {
            other.reset();
          } else {
            gone.out().end();
            gone.in().onArrival(other::reset);
          }
        });
  }

  private void ends(
      List<SimulatedLoop> loops, BiConsumer<SimulatedConnection, SimulatedConnection> how) {
    for (Cable cable : List.copyOf(open)) {
      boolean near = loops.contains(cable.near().loop());
      if (near || loops.contains(cable.far().loop())) {
        open.remove(cable);
        how.accept(near ? cable.near() : cable.far(), near ? cable.far() : cable.near());
      }
    }
  }

  /** Connections that were to end at a byte do not, and nothing more is thrown. */
  void liftLimits() {
    for (Cable cable : open) {
      cable.near().fault().lift();
      cable.far().fault().lift();
      cable.up().lift();
      cable.down().lift();
    }
  }

  /** Connections that are open at one end at least. */
  Set<Cable> open() {
    return open;
  }
}

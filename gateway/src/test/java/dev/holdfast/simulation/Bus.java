package dev.holdfast.simulation;

import java.util.HashMap;
import java.util.Map;

/** What replicas tell each other: to each of them in order. */
final class Bus {
  private final World world;
  private final Map<SimulatedUpstream, Long> until = new HashMap<>();

  Bus(World world) {
    this.world = world;
  }

  /** Does something at a replica, after so many nanoseconds and behind all that goes there now. */
  void send(SimulatedUpstream to, long latency, Runnable action) {
    long at = Math.max(until.getOrDefault(to, 0L), world.now() + latency);
    until.put(to, at);
    world.after(at - world.now(), action);
  }
}

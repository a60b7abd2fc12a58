package dev.holdfast.admin;

import dev.holdfast.cluster.Reachability;
import java.util.Optional;

/**
 * Reports nodes that this one cannot reach. That does not affect readiness, since its own clients
 * do not need them. Thread-safe.
 */
public record NodesReached(Reachability reachability) implements Readiness {
  @Override
  public String name() {
    return "nodes";
  }

  @Override
  public Optional<String> state() {
    return reachability.state();
  }

  @Override
  public Optional<String> problem() {
    return Optional.empty();
  }
}

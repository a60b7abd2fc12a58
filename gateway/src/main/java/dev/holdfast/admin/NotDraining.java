package dev.holdfast.admin;

import dev.holdfast.engineio.Admission;
import java.util.Optional;

/** Keeps traffic away from a node that is stopping. */
public record NotDraining(Admission admission) implements Readiness {
  @Override
  public String name() {
    return "draining";
  }

  @Override
  public Optional<String> problem() {
    return admission.isDraining() ? Optional.of("this node is stopping") : Optional.empty();
  }
}

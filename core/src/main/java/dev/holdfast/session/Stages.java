package dev.holdfast.session;

import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.session.SessionState.Effect;
import dev.holdfast.time.ErrorBoundary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The stages of a session. One that throws is removed. Confined to its session. */
final class Stages {
  private final SessionContext context;
  private final Namespaces namespaces = new Namespaces();
  private final SessionSetup setup;
  private final ErrorBoundary boundary;
  private final List<StageChain> chains = new ArrayList<>(2);
  private List<InstalledStage> stages;

  /** Installs the session's own stages and those of its node. */
  Stages(
      SessionContext context, SessionSetup setup, PacketInjector injector, ErrorBoundary boundary) {
    this.context = context;
    this.setup = setup;
    this.boundary = boundary;
    this.stages =
        Stream.concat(Stream.of(namespaces), context.stages().stream())
            .map(stage -> new InstalledStage(stage, this, setup.timers(), injector))
            .toList();
  }

  /** Returns the chain of one direction, whose packets go to {@code next}. */
  StageChain chain(Direction direction, StageChain.Next next) {
    StageChain chain = new StageChain(direction, setup, next);
    chain.set(stages);
    chains.add(chain);
    return chain;
  }

  /** Removes a stage that has thrown. */
  void remove(InstalledStage stage) {
    set(stages.stream().filter(each -> !each.equals(stage)).toList());
    context.stageFailed(stage.name());
    resume(stage, Direction.BOTH);
  }

  private void set(List<InstalledStage> remaining) {
    stages = remaining;
    chains.forEach(chain -> chain.set(remaining));
  }

  /** Suspends a direction for a stage. */
  void suspend(InstalledStage stage, Direction direction, Duration time) {
    each(direction, suspension -> suspension.begin(stage, time));
  }

  /** Lets a direction continue that the stage has suspended. */
  void resume(InstalledStage stage, Direction direction) {
    boundary.run(() -> each(direction, suspension -> suspension.end(stage)));
  }

  private void each(Direction direction, Consumer<Suspension> action) {
    chains.stream()
        .filter(chain -> chain.goes(direction))
        .forEach(c -> action.accept(c.suspension()));
  }

  /** Lets a direction continue whose source is lost. */
  void release(Direction direction) {
    each(direction, Suspension::end);
  }

  /** Returns whether a direction is suspended. */
  boolean areSuspended() {
    return chains.stream().anyMatch(chain -> chain.suspension().isActive());
  }

  /** Returns whether the client has namespaces other than "/" open. */
  boolean hasOtherNamespaces() {
    return !namespaces.isEmpty();
  }

  /** Notifies each stage of the phase that an effect has begun, if any. */
  void performed(Effect effect) {
    switch (effect) {
      case ANNOUNCE -> phase(SessionPhase.OPENED);
      case RELINKED, OVERLAP -> phase(SessionPhase.LINKED);
      case PARK -> phase(SessionPhase.PARKED);
      case UNPARK -> phase(SessionPhase.RESUMED);
      default -> {
        // No stage has to know.
      }
    }
  }

  private void phase(SessionPhase phase) {
    stages.forEach(stage -> stage.phase(phase));
  }

  /** Notifies each stage of the session's end, and removes it. */
  void close() {
    phase(SessionPhase.CLOSED);
    set(List.of());
    each(Direction.BOTH, Suspension::take);
  }

  /** Returns the state of the stages that have any, by name, in Base64. */
  Map<String, String> save() {
    Map<String, String> saved = new LinkedHashMap<>();
    for (InstalledStage stage : stages) {
      byte[] state = stage.save();
      if (state.length > 0) {
        saved.put(stage.name(), Base64.getEncoder().encodeToString(state));
      }
    }
    return saved;
  }

  /** Restores saved state. What belongs to no stage is ignored. */
  void restore(Map<String, String> saved) {
    for (InstalledStage stage : stages) {
      String state = saved.get(stage.name());
      if (state != null) {
        stage.restore(state);
      }
    }
  }
}

package dev.holdfast.session;

import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.session.SessionState.Effect;
import dev.holdfast.time.Timers;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The stages of a session. One that throws is removed. Confined to its session. */
final class Stages {
  private final SessionContext context;
  private final Namespaces namespaces = new Namespaces();
  private final StageChain upwards = new StageChain(Direction.TO_UPSTREAM);
  private final StageChain downwards = new StageChain(Direction.TO_CLIENT);
  private List<InstalledStage> stages;

  /** Installs the session's own stages and those of its node. */
  Stages(SessionContext context, Timers timers, PacketInjector injector) {
    this.context = context;
    this.stages =
        Stream.concat(Stream.of(namespaces), context.stages().stream())
            .map(stage -> new InstalledStage(stage, timers, injector, this::remove))
            .toList();
    set();
  }

  private void remove(InstalledStage stage) {
    stages = stages.stream().filter(each -> !each.equals(stage)).toList();
    set();
    context.stageFailed(stage.name());
  }

  private void set() {
    upwards.set(stages);
    downwards.set(stages);
  }

  /** Returns the stages on the way to the upstream. */
  StageChain upwards() {
    return upwards;
  }

  /** Returns the stages on the way to the client. */
  StageChain downwards() {
    return downwards;
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
    stages = List.of();
    set();
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

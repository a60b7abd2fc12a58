package dev.holdfast.admin;

import dev.holdfast.time.LogThrottle;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports which resources the process is short of. That does not affect readiness, because a
 * balancer would move the load to the next node. Thread-safe.
 */
public final class Overload implements Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Overload.class);

  private final List<Indicator> signs;
  private final LogThrottle lines;

  /**
   * One indicator of overload.
   *
   * @param label its name in metrics
   * @param sentence a description of the shortage; empty if there is none
   */
  public record Indicator(String label, Supplier<Optional<String>> sentence) {}

  /** Monitors these signs; {@code nanoTime} is a steady clock, in nanoseconds. */
  public Overload(List<Indicator> signs, LongSupplier nanoTime) {
    this.signs = List.copyOf(signs);
    this.lines = new LogThrottle(nanoTime);
  }

  @Override
  public String name() {
    return "overload";
  }

  @Override
  public Optional<String> state() {
    String all =
        signs.stream()
            .flatMap(sign -> sign.sentence().get().stream())
            .collect(Collectors.joining("; "));
    return Optional.of(all).filter(sentence -> !sentence.isEmpty());
  }

  @Override
  public Optional<String> problem() {
    return Optional.empty();
  }

  /** Logs the current shortages at most once a minute; call it about every second. */
  public void check() {
    state()
        .ifPresent(
            sentence -> lines.run(looks -> LOG.warn("this node is overloaded: {}", sentence)));
  }

  /** Returns for each label whether its sign is present. */
  public Map<String, BooleanSupplier> gauges() {
    Map<String, BooleanSupplier> gauges = new LinkedHashMap<>();
    signs.forEach(sign -> gauges.put(sign.label(), () -> sign.sentence().get().isPresent()));
    return gauges;
  }
}

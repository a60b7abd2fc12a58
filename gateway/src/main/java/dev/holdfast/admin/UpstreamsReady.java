package dev.holdfast.admin;

import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Ready while at least one upstream is healthy, or was healthy until it became slow: a balancer
 * that reacts to overload would move the load to the next node. Thread-safe.
 */
public record UpstreamsReady(Upstreams upstreams) implements Readiness {
  @Override
  public String name() {
    return "upstreams";
  }

  @Override
  public Optional<String> state() {
    return !upstreams.anyHealthy() && anyOverloaded() ? Optional.of(states()) : Optional.empty();
  }

  @Override
  public Optional<String> problem() {
    return upstreams.anyHealthy() || anyOverloaded() ? Optional.empty() : Optional.of(states());
  }

  private boolean anyOverloaded() {
    return upstreams.all().stream().anyMatch(Upstream::isOverloaded);
  }

  private String states() {
    return upstreams.all().stream()
        .map(UpstreamsReady::state)
        .collect(Collectors.joining("; ", "none is healthy: ", ""));
  }

  private static String state(Upstream upstream) {
    return "%s is %s (%s)"
        .formatted(upstream.name(), upstream.state().kind().label(), upstream.state().sentence());
  }
}

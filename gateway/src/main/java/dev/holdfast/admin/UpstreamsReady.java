package dev.holdfast.admin;

import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import java.util.Optional;
import java.util.stream.Collectors;

/** Ready while at least one upstream is healthy. Thread-safe. */
public record UpstreamsReady(Upstreams upstreams) implements Readiness {
  @Override
  public String name() {
    return "upstreams";
  }

  @Override
  public Optional<String> problem() {
    return upstreams.anyHealthy() ? Optional.empty() : Optional.of("none is healthy: " + states());
  }

  private String states() {
    return upstreams.all().stream().map(UpstreamsReady::state).collect(Collectors.joining("; "));
  }

  private static String state(Upstream upstream) {
    return "%s is %s (%s)"
        .formatted(upstream.name(), upstream.state().kind().label(), upstream.state().sentence());
  }
}

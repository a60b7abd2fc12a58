package dev.holdfast.upstream;

import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.xnio.XnioWorker;

/** All upstreams, with their health checks. Thread-safe. */
public final class Upstreams implements Closeable {
  private final List<Upstream> all;
  private final Consumer<Runnable> onHealthy;
  private final Runnable onClose;

  /**
   * Creates a set of upstreams that the caller checks.
   *
   * @param onHealthy registers listeners for an upstream that becomes healthy
   * @param onClose stops the checks
   */
  Upstreams(List<Upstream> all, Consumer<Runnable> onHealthy, Runnable onClose) {
    this.all = all;
    this.onHealthy = onHealthy;
    this.onClose = onClose;
  }

  /**
   * Starts to resolve and check the configured upstreams; does not wait for a result.
   *
   * @throws IOException if the CA file cannot be read
   */
  public static Upstreams start(Settings settings, XnioWorker worker, Metrics metrics)
      throws IOException {
    HealthCheckers checkers = new HealthCheckers(settings, worker, metrics);
    return new Upstreams(checkers.start(), checkers::onHealthy, checkers::close);
  }

  /** Returns the upstreams in the order of the settings. */
  public List<Upstream> all() {
    return all;
  }

  /** Returns whether {@link #choose} would return an upstream. */
  public boolean anyHealthy() {
    return all.stream().anyMatch(Upstream::healthy);
  }

  /**
   * Directs sessions to the other upstreams for as long as one of them is healthy.
   *
   * @throws IllegalArgumentException if there is no upstream of this name
   * @throws IllegalStateException if no upstream would be left for its sessions
   */
  public Upstream drain(String name) {
    Upstream drained = named(name);
    if (all.stream().allMatch(each -> each.isDrained() || each.equals(drained))) {
      throw new IllegalStateException("sessions of " + name + " could not go to another upstream");
    }
    drained.drained(true);
    return drained;
  }

  /**
   * Allows sessions there again.
   *
   * @throws IllegalArgumentException if there is no upstream of this name
   */
  public void undrain(String name) {
    named(name).drained(false);
  }

  /** Returns the upstream of this name. */
  public Optional<Upstream> find(String name) {
    return all.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  private Upstream named(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("no upstream is called " + name));
  }

  /**
   * Returns the healthy upstream of this key (a user id, or else a client address). The choice is
   * stable while the set of healthy upstreams is. A drained upstream is used only if there is no
   * other.
   */
  public Optional<Upstream> choose(String key) {
    return choose(key, all);
  }

  static Optional<Upstream> choose(String key, List<Upstream> all) {
    if (all.size() == 1) {
      return all.get(0).healthy() ? Optional.of(all.get(0)) : Optional.empty();
    }
    List<Upstream> healthy = all.stream().filter(Upstream::healthy).toList();
    List<Upstream> wanted = healthy.stream().filter(each -> !each.isDrained()).toList();
    return RendezvousHash.choose(key, wanted.isEmpty() ? healthy : wanted, Upstream::seed);
  }

  /**
   * Registers a listener that is called each time an upstream becomes healthy, or passes a check
   * after it refused a connection. It runs on the checks' thread and must not block.
   */
  public void onHealthy(Runnable listener) {
    onHealthy.accept(listener);
  }

  /** Stops the checks; connections stay open. */
  @Override
  public void close() {
    onClose.run();
  }
}

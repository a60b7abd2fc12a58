package dev.holdfast.upstream;

import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.xnio.XnioWorker;

/** All upstreams, watched. Thread-safe. */
public final class Upstreams implements Closeable {
  private final List<Upstream> all;
  private final Consumer<Runnable> onHealthy;
  private final Runnable onClose;

  /**
   * Upstreams that somebody else watches.
   *
   * @param onHealthy is given those who want to know that one has become healthy
   * @param onClose ends the watch
   */
  Upstreams(List<Upstream> all, Consumer<Runnable> onHealthy, Runnable onClose) {
    this.all = all;
    this.onHealthy = onHealthy;
    this.onClose = onClose;
  }

  /**
   * Starts to resolve and check the upstreams of these settings; does not wait for a result.
   *
   * @throws IOException if the CA file cannot be read
   */
  public static Upstreams start(Settings settings, XnioWorker worker, Metrics metrics)
      throws IOException {
    HealthCheckers checkers = new HealthCheckers(settings, worker, metrics);
    return new Upstreams(checkers.start(), checkers::onHealthy, checkers::close);
  }

  /** In the order of the settings. */
  public List<Upstream> all() {
    return all;
  }

  /** Whether {@link #choose} has an answer. */
  public boolean anyHealthy() {
    return all.stream().anyMatch(Upstream::healthy);
  }

  /**
   * From now on sessions go to the others, as long as one of those is healthy.
   *
   * @throws IllegalArgumentException if there is none of this name
   * @throws IllegalStateException if sessions could not go to any other
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
   * Sessions may go there again.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public void undrain(String name) {
    named(name).drained(false);
  }

  /** The upstream of this name. */
  public Optional<Upstream> find(String name) {
    return all.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  private Upstream named(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("no upstream is called " + name));
  }

  /**
   * The healthy upstream of this key (a user id, or a client address without one); the same for a
   * key while the set of healthy ones is the same. A drained one is better than none.
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
   * Tells the listener each time an upstream has become healthy, or was found to be so after it
   * refused a connection. It is called on the thread of the checks and must not block.
   */
  public void onHealthy(Runnable listener) {
    onHealthy.accept(listener);
  }

  /** Ends the checks; connections stay. */
  @Override
  public void close() {
    onClose.run();
  }
}

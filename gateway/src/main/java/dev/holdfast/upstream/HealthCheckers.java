package dev.holdfast.upstream;

import dev.holdfast.config.Authority;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ErrorBoundary;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.security.Security;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioWorker;

/**
 * The background work of {@link Upstreams}: lookups and health checks on their own threads. Their
 * queues are bounded, since an upstream has at most one lookup and one check in progress.
 * Thread-safe.
 */
final class HealthCheckers implements Closeable {
  private static final int LOOKUP_THREADS = 2;
  private static final String JDK_ADDRESS_SECONDS = "networkaddress.cache.ttl";
  private static final String JDK_UNKNOWN_SECONDS = "networkaddress.cache.negative.ttl";

  private final Settings settings;
  private final Metrics metrics;
  private final ErrorBoundary boundary;
  // Links may still report failures after close; those are dropped.
  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(1, daemon("upstream-timer"), new DiscardPolicy());
  private final ExecutorService lookups =
      new ThreadPoolExecutor(
          LOOKUP_THREADS,
          LOOKUP_THREADS,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          daemon("upstream-lookup"),
          new DiscardPolicy());
  private final List<Runnable> onHealthy = new CopyOnWriteArrayList<>();
  private final CheckClient checks;
  private final Dialer.Tls tls;

  HealthCheckers(Settings settings, XnioWorker worker, Metrics metrics) throws IOException {
    this.settings = settings;
    this.metrics = metrics;
    this.boundary =
        ErrorBoundary.lasting("looking up upstreams", () -> metrics.internalError("task"));
    forgetAddresses();
    tls = Dialer.Tls.of(settings, worker.getXnio());
    checks = CheckClient.open();
  }

  List<Upstream> start() {
    return settings.get(UpstreamKeys.UPSTREAMS).stream().map(this::watched).toList();
  }

  private Upstream watched(URI uri) {
    // Shared by checks, links and requests, so that all use the address that a check found good.
    Dialer dialer =
        Dialer.of(uri, addresses(uri), tls, settings, () -> metrics.internalError("connection"));
    Upstream upstream = new Upstream(uri, settings.get(UpstreamKeys.HOST), dialer);
    HealthProbe probe =
        new HealthProbe(
            checks,
            dialer,
            CheckRequest.of(settings, uri),
            settings.get(UpstreamKeys.HEALTH_TIMEOUT));
    HealthChecker checker =
        new HealthChecker(
            upstream,
            probe,
            timer,
            metrics,
            settings.get(UpstreamKeys.HEALTH_INTERVAL),
            () -> onHealthy.forEach(Runnable::run));
    upstream.onDialFailed(checker::dialFailed);
    checker.start();
    return upstream;
  }

  void onHealthy(Runnable listener) {
    onHealthy.add(listener);
  }

  private AddressLookup addresses(URI uri) {
    AddressLookup addresses =
        new AddressLookup(
            Authority.of(uri).host(),
            Authority.of(uri).port(),
            task -> lookups.execute(boundary.guard(task)),
            InetAddress::getAllByName);
    long nanos = settings.get(UpstreamKeys.RESOLVE_INTERVAL).toNanos();
    var unused =
        timer.scheduleWithFixedDelay(
            boundary.guard(addresses::refresh), 0, nanos, TimeUnit.NANOSECONDS);
    return addresses;
  }

  /**
   * Shortens the JDK's DNS caches. By default it keeps an address for 30 s, longer than a restarted
   * container keeps its own, and a failed lookup for 10 s, longer than a container takes to start.
   * The lookup interval is a Holdfast setting; the JDK reads these properties only at its first
   * lookup.
   */
  private static void forgetAddresses() {
    if (Security.getProperty(JDK_ADDRESS_SECONDS) == null) {
      Security.setProperty(JDK_ADDRESS_SECONDS, "1");
    }
    // The JDK's security file sets this one, so a value does not express an operator's choice.
    Security.setProperty(JDK_UNKNOWN_SECONDS, "1");
  }

  @Override
  public void close() {
    timer.shutdownNow();
    lookups.shutdownNow();
    checks.close();
  }

  static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}

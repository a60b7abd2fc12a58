package dev.holdfast.upstream;

import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.cluster.TokenBucket;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Paces reopened links so that a recovering upstream is not overloaded. Each session that lost its
 * link asks for a permit:
 *
 * <pre>
 *   ask ──▶ at the preferred upstream, if it is healthy ───┐
 *      └──▶ {@link #withoutUpstream} until it is, or until ├──▶ one {@link Line} per upstream ──▶ go
 *           relink.failover-after: then any healthy one ───┘    relink.rate per second
 * </pre>
 *
 * Uses no timer while the queue is empty, and one otherwise. Thread-safe.
 */
public final class RelinkScheduler {
  /** Sessions that lose their links at the same time are ordered randomly within this span. */
  static final long JITTER_NANOS = 500_000_000L;

  private final List<Line> lines;
  private final List<Upstream> upstreams;
  private final SharedRateLimit rateLimit;
  private final SharedRateLimit.Rate rate;
  private final long failoverAfter;
  private final Timers timers;
  private final ErrorBoundary boundary =
      ErrorBoundary.lasting("the queue for new links", this::plan);
  private final RandomGenerator random;
  private final NavigableSet<RelinkPermit> withoutUpstream =
      new TreeSet<>(RelinkPermit.BY_FAILOVER);
  private Timers.@Nullable ScheduledTask planned;
  private long number;

  /** The sessions that wait for one upstream. */
  private record Line(
      Upstream upstream, RelinkRateLimit rateLimit, NavigableSet<RelinkPermit> permits) {
    boolean isEmpty() {
      return permits.isEmpty();
    }

    /** Removes and returns all permits. */
    List<RelinkPermit> takeAll() {
      List<RelinkPermit> all = List.copyOf(permits);
      permits.clear();
      return all;
    }
  }

  /** A permit and the upstream it is granted for. */
  private record Given(RelinkPermit permit, Upstream upstream) {}

  /** Actions to run after the lock is released. */
  private record Served(List<Given> given, List<Runnable> requests) {}

  /**
   * Creates a scheduler that listens to the upstreams.
   *
   * @param rateLimit shared by all nodes, by the name of the upstream
   * @param timers may run their tasks on any thread
   */
  public RelinkScheduler(
      Upstreams upstreams,
      Settings settings,
      SharedRateLimit rateLimit,
      Timers timers,
      RandomGenerator random) {
    this(upstreams.all(), settings, rateLimit, timers, random);
    upstreams.onHealthy(this::healthy);
  }

  /**
   * Creates a scheduler for sessions that switch over, at {@code switchover.rate} per second and
   * upstream.
   */
  public static RelinkScheduler fenced(
      Upstreams upstreams,
      Settings settings,
      SharedRateLimit rateLimit,
      Timers timers,
      RandomGenerator random) {
    return new RelinkScheduler(
        upstreams,
        settings.with(RelinkKeys.RATE, settings.get(RelinkKeys.SWITCHOVERS)),
        (name, rate, wanted, answer) -> rateLimit.take("moves:" + name, rate, wanted, answer),
        timers,
        random);
  }

  RelinkScheduler(
      List<Upstream> upstreams,
      Settings settings,
      SharedRateLimit rateLimit,
      Timers timers,
      RandomGenerator random) {
    this.upstreams = upstreams;
    this.rateLimit = rateLimit;
    this.rate =
        new SharedRateLimit.Rate(
            settings.get(RelinkKeys.RATE), TokenBucket.burst(settings.get(RelinkKeys.RATE)));
    this.failoverAfter = settings.get(RelinkKeys.FAILOVER_AFTER).toNanos();
    this.timers = timers;
    this.random = random;
    this.lines =
        upstreams.stream()
            .map(
                each ->
                    new Line(
                        each,
                        new RelinkRateLimit(settings.get(RelinkKeys.RATE), timers.nanoTime()),
                        new TreeSet<>(RelinkPermit.BY_PLACE)))
            .toList();
  }

  /**
   * Calls {@code go} once on {@code thread}, with the upstream to dial, as soon as one is healthy
   * and it is this session's turn; never within this call.
   *
   * @param preferred the upstream that had the session; used if it becomes healthy in time
   * @param key of the user or, without one, of the client's address: selects among the others
   */
  public RelinkPermit ask(
      @Nullable Upstream preferred, String key, Executor thread, Consumer<Upstream> go) {
    RelinkPermit permit;
    synchronized (this) {
      long now = timers.nanoTime();
      permit =
          new RelinkPermit(
              this,
              new RelinkPermit.Request(preferred, key, thread, go, now),
              number++,
              now + random.nextLong(JITTER_NANOS));
      place(permit, now);
    }
    boolean queued = false;
    try {
      serve();
      queued = true;
    } finally {
      if (!queued) {
        // The caller has no permit to cancel.
        permit.cancel();
      }
    }
    return permit;
  }

  void leave(RelinkPermit permit) {
    synchronized (this) {
      withoutUpstream.remove(permit);
      lines.forEach(line -> line.permits().remove(permit));
      if (planned != null && withoutUpstream.isEmpty() && lines.stream().allMatch(Line::isEmpty)) {
        planned.cancel();
        planned = null;
      }
    }
  }

  /** Places all waiting sessions anew, because an upstream has become ready. */
  public void healthy() {
    synchronized (this) {
      long now = timers.nanoTime();
      List<RelinkPermit> waiting = new ArrayList<>(withoutUpstream);
      withoutUpstream.clear();
      lines.forEach(line -> waiting.addAll(line.takeAll()));
      waiting.forEach(permit -> place(permit, now));
    }
    serve();
  }

  private void serveDue() {
    synchronized (this) {
      planned = null;
    }
    serve();
  }

  private void answered(Line line, Optional<SharedRateLimit.Grant> grant) {
    synchronized (this) {
      line.rateLimit().answered(grant, timers.nanoTime());
    }
    serve();
  }

  /** Grants the permits that are due, and plans the next run even if one of them fails. */
  private void serve() {
    try {
      Served served;
      synchronized (this) {
        served = serveLines(timers.nanoTime());
      }
      served.given().forEach(each -> boundary.attempt(() -> each.permit().grant(each.upstream())));
      served.requests().forEach(Runnable::run);
    } finally {
      plan();
    }
  }

  private Served serveLines(long now) {
    for (Line line : lines) {
      if (!line.upstream().ready()) {
        line.takeAll().forEach(permit -> place(permit, now));
      }
    }
    failOver(now);
    Served served = new Served(new ArrayList<>(), new ArrayList<>());
    for (Line line : lines) {
      while (!line.isEmpty() && line.rateLimit().take(now)) {
        RelinkPermit first = line.permits().first();
        line.permits().remove(first);
        served.given().add(new Given(first, line.upstream()));
      }
      if (!line.isEmpty() && line.rateLimit().asks(now)) {
        int wanted = Math.min(line.permits().size(), rate.burst());
        served.requests().add(() -> requestTokens(line, wanted));
      }
    }
    return served;
  }

  /**
   * Requests tokens. A request that throws is answered, too, because sessions wait for the answer.
   */
  private void requestTokens(Line line, int wanted) {
    ErrorBoundary.lasting("requesting relink tokens", () -> answered(line, Optional.empty()))
        .run(
            () ->
                rateLimit.take(
                    line.upstream().name(), rate, wanted, grant -> answered(line, grant)));
  }

  private void failOver(long now) {
    while (!withoutUpstream.isEmpty()
        && anyReady()
        && withoutUpstream.first().failoverAt() - now <= 0) {
      RelinkPermit first = withoutUpstream.first();
      withoutUpstream.remove(first);
      place(first, now);
    }
  }

  private void place(RelinkPermit permit, long now) {
    Upstream preferred = permit.preferred();
    Upstream chosen = preferred;
    if (preferred == null || !preferred.ready()) {
      permit.failoverAt(failoverAt(permit, preferred));
      boolean due = permit.failoverAt() - now <= 0;
      chosen = due ? Upstreams.choose(permit.key(), ready()).orElse(null) : null;
    }
    if (chosen == null) {
      withoutUpstream.add(permit);
    } else {
      lines.get(upstreams.indexOf(chosen)).permits().add(permit);
    }
  }

  /**
   * Counts the wait for the preferred upstream from its failure, if that was noticed before the
   * request.
   */
  private long failoverAt(RelinkPermit permit, @Nullable Upstream preferred) {
    if (preferred == null) {
      return permit.requestedAt();
    }
    long since = preferred.healthy() ? permit.requestedAt() : preferred.stateSince();
    return (since - permit.requestedAt() < 0 ? since : permit.requestedAt()) + failoverAfter;
  }

  private boolean anyReady() {
    return upstreams.stream().anyMatch(Upstream::ready);
  }

  private List<Upstream> ready() {
    return upstreams.stream().filter(Upstream::ready).toList();
  }

  private synchronized void plan() {
    long now = timers.nanoTime();
    long delay = Long.MAX_VALUE;
    for (Line line : lines) {
      if (!line.isEmpty()) {
        delay = Math.min(delay, line.rateLimit().untilNext(now));
      }
    }
    // While no upstream is ready only healthy() can change anything.
    if (!withoutUpstream.isEmpty() && anyReady()) {
      delay = Math.min(delay, Math.max(0, withoutUpstream.first().failoverAt() - now));
    }
    // If this fails, the earlier plan stands: those who waited before still get their turn.
    Timers.ScheduledTask next =
        delay < Long.MAX_VALUE
            ? timers.after(Duration.ofNanos(delay), boundary.guard(this::serveDue))
            : null;
    if (planned != null) {
      planned.cancel();
    }
    planned = next;
  }
}

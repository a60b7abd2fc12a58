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
 * Paces the links that are opened again, so that an upstream which comes back is not overrun. Each
 * session that lost its link asks for a permit:
 *
 * <pre>
 *   ask ──▶ at the preferred upstream, if it is healthy ───┐
 *      └──▶ {@link #withoutUpstream} until it is, or until ├──▶ one {@link Line} per upstream ──▶ go
 *           relink.failover-after: then any healthy one ───┘    relink.rate per second
 * </pre>
 *
 * Costs no timer while nobody waits, and one otherwise. Thread-safe.
 */
public final class RelinkScheduler {
  /** Sessions that lose their links together come in a random order. */
  static final long JITTER_NANOS = 500_000_000L;

  private final List<Line> lines;
  private final List<Upstream> upstreams;
  private final SharedRateLimit rateLimit;
  private final SharedRateLimit.Rate rate;
  private final long failoverAfter;
  private final Timers timers;
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

    /** Empties it. */
    List<RelinkPermit> takeAll() {
      List<RelinkPermit> all = List.copyOf(permits);
      permits.clear();
      return all;
    }
  }

  /** A permit that is given. */
  private record Given(RelinkPermit permit, Upstream upstream) {}

  /** What is to be done without the lock. */
  private record Served(List<Given> given, List<Runnable> questions) {
    void carryOut() {
      given.forEach(each -> each.permit().give(each.upstream()));
      questions.forEach(Runnable::run);
    }
  }

  /**
   * Listens to the upstreams from now on.
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
   * The same for sessions that switch over: {@code switchover.rate} of them a second go to an
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
   * @param preferred the upstream that had the session; taken if it is healthy in time
   * @param key of the user or, without one, of the client's address: decides between others
   */
  public RelinkPermit ask(
      @Nullable Upstream preferred, String key, Executor thread, Consumer<Upstream> go) {
    RelinkPermit permit;
    Served served;
    synchronized (this) {
      long now = timers.nanoTime();
      permit =
          new RelinkPermit(
              this,
              new RelinkPermit.Request(preferred, key, thread, go, now),
              number++,
              now + random.nextLong(JITTER_NANOS));
      place(permit, now);
      served = serve(now);
    }
    served.carryOut();
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

  /** Some upstream is ready that was not: everybody chooses again. */
  public void healthy() {
    Served served;
    synchronized (this) {
      long now = timers.nanoTime();
      List<RelinkPermit> waiting = new ArrayList<>(withoutUpstream);
      withoutUpstream.clear();
      lines.forEach(line -> waiting.addAll(line.takeAll()));
      waiting.forEach(permit -> place(permit, now));
      served = serve(now);
    }
    served.carryOut();
  }

  private void timeHasCome() {
    Served served;
    synchronized (this) {
      planned = null;
      served = serve(timers.nanoTime());
    }
    served.carryOut();
  }

  private void answered(Line line, Optional<SharedRateLimit.Grant> grant) {
    Served served;
    synchronized (this) {
      long now = timers.nanoTime();
      line.rateLimit().answered(grant, now);
      served = serve(now);
    }
    served.carryOut();
  }

  private Served serve(long now) {
    try {
      return serveLines(now);
    } finally {
      // Whatever went wrong, those who wait are looked at again.
      plan(now);
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
        served.questions().add(() -> question(line, wanted));
      }
    }
    return served;
  }

  /** Whoever waits in the line waits for the answer: a question that fails is answered, too. */
  private void question(Line line, int wanted) {
    ErrorBoundary.lasting("asking for turns", () -> answered(line, Optional.empty()))
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

  /** The wait for the preferred upstream counts from its end, if that was seen before. */
  private long failoverAt(RelinkPermit permit, @Nullable Upstream preferred) {
    if (preferred == null) {
      return permit.askedAt();
    }
    long since = preferred.healthy() ? permit.askedAt() : preferred.stateSince();
    return (since - permit.askedAt() < 0 ? since : permit.askedAt()) + failoverAfter;
  }

  private boolean anyReady() {
    return upstreams.stream().anyMatch(Upstream::ready);
  }

  private List<Upstream> ready() {
    return upstreams.stream().filter(Upstream::ready).toList();
  }

  private void plan(long now) {
    if (planned != null) {
      planned.cancel();
      planned = null;
    }
    long delay = Long.MAX_VALUE;
    for (Line line : lines) {
      if (!line.isEmpty()) {
        delay = Math.min(delay, line.rateLimit().untilNext(now));
      }
    }
    // While none is ready, nothing happens before one is: healthy() says so.
    if (!withoutUpstream.isEmpty() && anyReady()) {
      delay = Math.min(delay, Math.max(0, withoutUpstream.first().failoverAt() - now));
    }
    if (delay < Long.MAX_VALUE) {
      planned = timers.after(Duration.ofNanos(delay), this::timeHasCome);
    }
  }
}

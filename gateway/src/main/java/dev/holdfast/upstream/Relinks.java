package dev.holdfast.upstream;

import dev.holdfast.cluster.Budget;
import dev.holdfast.cluster.Pace;
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
 * session that lost its link asks for a turn:
 *
 * <pre>
 *   ask ──▶ at the preferred upstream, if it is healthy ──┐
 *      └──▶ {@link #homeless} until it is, or until       ├──▶ one {@link Line} per upstream ──▶ go
 *           relink.failover-after: then any healthy one ──┘    relink.rate per second
 * </pre>
 *
 * Costs no timer while nobody waits, and one otherwise. Thread-safe.
 */
public final class Relinks {
  /** Sessions that lose their links together come in a random order. */
  static final long JITTER_NANOS = 500_000_000L;

  private final List<Line> lines;
  private final List<Upstream> upstreams;
  private final Budget budget;
  private final Budget.Rate rate;
  private final long failoverAfter;
  private final Timers timers;
  private final RandomGenerator random;
  private final NavigableSet<Turn> homeless = new TreeSet<>(Turn.BY_FAILOVER);
  private Timers.@Nullable Timer planned;
  private long number;

  /** The sessions that wait for one upstream. */
  private record Line(Upstream upstream, Allowance allowance, NavigableSet<Turn> turns) {
    boolean isEmpty() {
      return turns.isEmpty();
    }

    /** Empties it. */
    List<Turn> takeAll() {
      List<Turn> all = List.copyOf(turns);
      turns.clear();
      return all;
    }
  }

  /** A turn that has come. */
  private record Given(Turn turn, Upstream upstream) {}

  /** What is to be done without the lock. */
  private record Served(List<Given> given, List<Runnable> questions) {
    void carryOut() {
      given.forEach(each -> each.turn().give(each.upstream()));
      questions.forEach(Runnable::run);
    }
  }

  /**
   * Listens to the upstreams from now on.
   *
   * @param budget shared by all nodes, by the name of the upstream
   * @param timers may run their tasks on any thread
   */
  public Relinks(
      Upstreams upstreams,
      Settings.Relink settings,
      Budget budget,
      Timers timers,
      RandomGenerator random) {
    this(upstreams.all(), settings, budget, timers, random);
    upstreams.onHealthy(this::healthy);
  }

  /** The same for sessions that move: {@code handover.rate} of them a second go to an upstream. */
  public static Relinks ofFencedMoves(
      Upstreams upstreams,
      Settings.Relink settings,
      Budget budget,
      Timers timers,
      RandomGenerator random) {
    return new Relinks(
        upstreams,
        settings.with(settings.movesPerSecond()),
        (name, rate, wanted, answer) -> budget.take("moves:" + name, rate, wanted, answer),
        timers,
        random);
  }

  Relinks(
      List<Upstream> upstreams,
      Settings.Relink settings,
      Budget budget,
      Timers timers,
      RandomGenerator random) {
    this.upstreams = upstreams;
    this.budget = budget;
    this.rate = new Budget.Rate(settings.perSecond(), Pace.burst(settings.perSecond()));
    this.failoverAfter = settings.failoverAfter().toNanos();
    this.timers = timers;
    this.random = random;
    this.lines =
        upstreams.stream()
            .map(
                each ->
                    new Line(
                        each,
                        new Allowance(settings.perSecond(), timers.nanoTime()),
                        new TreeSet<>(Turn.BY_PLACE)))
            .toList();
  }

  /**
   * Calls {@code go} once on {@code thread}, with the upstream to dial, as soon as one is healthy
   * and it is this session's turn; never within this call.
   *
   * @param preferred the upstream that had the session; taken if it is healthy in time
   * @param key of the user or, without one, of the client's address: decides between others
   */
  public Turn ask(
      @Nullable Upstream preferred, String key, Executor thread, Consumer<Upstream> go) {
    Turn turn;
    Served served;
    synchronized (this) {
      long now = timers.nanoTime();
      turn =
          new Turn(
              this,
              new Turn.Asked(preferred, key, thread, go, now),
              number++,
              now + random.nextLong(JITTER_NANOS));
      place(turn, now);
      served = serve(now);
    }
    served.carryOut();
    return turn;
  }

  void leave(Turn turn) {
    synchronized (this) {
      homeless.remove(turn);
      lines.forEach(line -> line.turns().remove(turn));
      if (planned != null && homeless.isEmpty() && lines.stream().allMatch(Line::isEmpty)) {
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
      List<Turn> waiting = new ArrayList<>(homeless);
      homeless.clear();
      lines.forEach(line -> waiting.addAll(line.takeAll()));
      waiting.forEach(turn -> place(turn, now));
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

  private void answered(Line line, Optional<Budget.Grant> grant) {
    Served served;
    synchronized (this) {
      long now = timers.nanoTime();
      line.allowance().answered(grant, now);
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
        line.takeAll().forEach(turn -> place(turn, now));
      }
    }
    failOver(now);
    Served served = new Served(new ArrayList<>(), new ArrayList<>());
    for (Line line : lines) {
      while (!line.isEmpty() && line.allowance().take(now)) {
        Turn first = line.turns().first();
        line.turns().remove(first);
        served.given().add(new Given(first, line.upstream()));
      }
      if (!line.isEmpty() && line.allowance().asks(now)) {
        int wanted = Math.min(line.turns().size(), rate.burst());
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
                budget.take(line.upstream().name(), rate, wanted, grant -> answered(line, grant)));
  }

  private void failOver(long now) {
    while (!homeless.isEmpty() && anyReady() && homeless.first().failoverAt() - now <= 0) {
      Turn first = homeless.first();
      homeless.remove(first);
      place(first, now);
    }
  }

  private void place(Turn turn, long now) {
    Upstream preferred = turn.preferred();
    Upstream chosen = preferred;
    if (preferred == null || !preferred.ready()) {
      turn.failoverAt(failoverAt(turn, preferred));
      boolean due = turn.failoverAt() - now <= 0;
      chosen = due ? Upstreams.choose(turn.key(), ready()).orElse(null) : null;
    }
    if (chosen == null) {
      homeless.add(turn);
    } else {
      lines.get(upstreams.indexOf(chosen)).turns().add(turn);
    }
  }

  /** The wait for the preferred upstream counts from its end, if that was seen before. */
  private long failoverAt(Turn turn, @Nullable Upstream preferred) {
    if (preferred == null) {
      return turn.askedAt();
    }
    long since = preferred.healthy() ? turn.askedAt() : preferred.stateSince();
    return (since - turn.askedAt() < 0 ? since : turn.askedAt()) + failoverAfter;
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
        delay = Math.min(delay, line.allowance().untilNext(now));
      }
    }
    // While none is ready, nothing happens before one is: healthy() says so.
    if (!homeless.isEmpty() && anyReady()) {
      delay = Math.min(delay, Math.max(0, homeless.first().failoverAt() - now));
    }
    if (delay < Long.MAX_VALUE) {
      planned = timers.after(Duration.ofNanos(delay), this::timeHasCome);
    }
  }
}

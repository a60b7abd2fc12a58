package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.config.HostHeader;
import dev.holdfast.config.Settings;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.upstream.UpstreamState.Kind;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelinkSchedulerTest {
  private static final int RATE = 50;
  private static final int BURST = 5;

  private final ManualTimers time = new ManualTimers();
  private final List<Upstream> upstreams =
      IntStream.range(0, 3).mapToObj(RelinkSchedulerTest::upstream).toList();
  private final Upstream first = upstreams.get(0);
  private final Upstream second = upstreams.get(1);
  private final List<Given> given = new ArrayList<>();
  private RelinkScheduler relinks = relinks(upstreams, "1s", 1);

  private @Nullable Deque<SharedRateLimit.Grant> shared;
  private boolean failing;

  /** Without grants the others cannot be asked. */
  private void share(
      String name,
      SharedRateLimit.Rate rate,
      int wanted,
      Consumer<Optional<SharedRateLimit.Grant>> answer) {
    if (failing) {
      throw new IllegalStateException("a fault of the registry");
    }
    answer.accept(shared == null ? Optional.empty() : Optional.ofNullable(shared.poll()));
  }

  private record Given(String key, Upstream upstream, long at) {}

  @Test
  void turnAtAHealthyUpstreamComesAtOnce() {
    become(first, Kind.HEALTHY);

    ask(first, "a");

    assertThat(given).extracting(Given::upstream).containsExactly(first);
    assertThat(time.waiting()).isZero();
  }

  @Test
  void turnsComeAsTheSharedBudgetSays() {
    become(first, Kind.HEALTHY);
    shared = new ArrayDeque<>();
    shared.add(new SharedRateLimit.Grant(2, Duration.ofMillis(300)));
    shared.add(new SharedRateLimit.Grant(0, Duration.ofMillis(100)));
    shared.add(new SharedRateLimit.Grant(1, Duration.ofSeconds(9)));

    IntStream.range(0, 4).forEach(n -> ask(first, "s" + n));

    assertThat(given).hasSize(2);
    time.pass(Duration.ofMillis(399));
    assertThat(given).hasSize(2);
    time.pass(Duration.ofMillis(1));
    assertThat(given).hasSize(3);
    time.pass(Duration.ofMillis(8999));
    assertThat(given).hasSize(3);
    time.pass(Duration.ofMillis(1));
    assertThat(given).as("nobody answers any more, so our own rate counts").hasSize(4);
    assertThat(time.waiting()).isZero();
  }

  @Test
  void questionThatFailsKeepsNobodyWaiting() {
    become(first, Kind.HEALTHY);
    failing = true;

    IntStream.range(0, 200).forEach(n -> ask(first, "s" + n));
    time.pass(Duration.ofSeconds(4));

    assertThat(given).as("nobody answers, so our own rate counts").hasSize(200);
    assertThat(time.waiting()).isZero();
  }

  /** Whose timer fails is not called, and those who wait with it are called in time. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 10})
  void requestWhoseTimerFailsIsForgottenAndKeepsNobodyElseWaiting(int before) {
    become(first, Kind.HEALTHY);
    IntStream.range(0, BURST + before).forEach(n -> ask(first, "s" + n));
    time.failOnce();

    assertThatThrownBy(() -> ask(first, "late")).hasMessage("a fault of the thread");
    time.pass(Duration.ofSeconds(1));

    assertThat(given).extracting(Given::key).doesNotContain("late").hasSize(BURST + before);
    assertThat(time.waiting()).isZero();
  }

  @Test
  void runThatCannotPlanTheNextOneIsPlannedAgain() {
    become(first, Kind.HEALTHY);
    IntStream.range(0, 20).forEach(n -> ask(first, "s" + n));
    time.failOnce();

    time.pass(Duration.ofSeconds(1));

    assertThat(given).hasSize(20);
    assertThat(time.waiting()).isZero();
  }

  @Test
  void turnThatItsThreadCannotTakeKeepsNobodyElseWaiting() {
    RelinkPermit lost =
        relinks.ask(
            first,
            "lost",
            task -> {
              throw new IllegalStateException("a fault of the thread");
            },
            upstream -> {});
    ask(first, "s");

    become(first, Kind.HEALTHY);
    lost.cancel();

    assertThat(given).extracting(Given::key).containsExactly("s");
    assertThat(time.waiting()).isZero();
  }

  @Test
  void turnsComeAtTheRateBehindTheBurst() {
    become(first, Kind.HEALTHY);

    IntStream.range(0, 200).forEach(n -> ask(first, "s" + n));

    assertThat(given).hasSize(BURST);
    time.pass(Duration.ofSeconds(1));
    assertThat(given).hasSize(BURST + RATE);
    time.pass(Duration.ofSeconds(3));
    assertThat(given).hasSize(200);
    assertThat(time.waiting()).isZero();
  }

  @Test
  void orderIsShuffledOnlyWithinTheJitter() {
    IntStream.range(0, 100).forEach(n -> ask(first, "early"));
    time.pass(Duration.ofNanos(RelinkScheduler.JITTER_NANOS));
    List<String> together = IntStream.range(0, 100).mapToObj("s%d"::formatted).toList();
    together.forEach(key -> ask(first, key));

    become(first, Kind.HEALTHY);
    time.pass(Duration.ofSeconds(10));

    List<String> order = given.stream().map(Given::key).toList();
    assertThat(order.subList(0, 100)).containsOnly("early");
    assertThat(order.subList(100, 200))
        .containsExactlyInAnyOrderElementsOf(together)
        .isNotEqualTo(together);
  }

  @Test
  void nobodyIsTimedWhileThereIsNoUpstream() {
    ask(first, "a");
    ask(null, "b");

    assertThat(time.waiting()).isZero();
    become(second, Kind.HEALTHY);
    become(first, Kind.HEALTHY);
    assertThat(given).hasSize(2);
  }

  @Test
  void anotherUpstreamIsTakenAfterTheTimeToFailOver() {
    become(first, Kind.HEALTHY);
    become(second, Kind.HEALTHY);
    become(first, Kind.UNREACHABLE);

    ask(first, "a");
    time.pass(Duration.ofMillis(999));
    assertThat(given).isEmpty();

    time.pass(Duration.ofMillis(1));
    assertThat(given).extracting(Given::upstream).containsExactly(second);
  }

  @Test
  void preferredUpstreamThatComesBackInTimeIsTaken() {
    become(second, Kind.HEALTHY);
    ask(first, "a");
    time.pass(Duration.ofMillis(900));

    become(first, Kind.HEALTHY);

    assertThat(given).extracting(Given::upstream).containsExactly(first);
  }

  @Test
  void upstreamKnownToBeAwayForLongerIsNotWaitedFor() {
    become(first, Kind.HEALTHY);
    become(second, Kind.HEALTHY);
    become(first, Kind.UNREACHABLE);
    time.pass(Duration.ofSeconds(1));

    ask(first, "a");

    assertThat(given).extracting(Given::upstream).containsExactly(second);
  }

  @Test
  void othersAreTakenByTheHashOfTheKey() {
    become(second, Kind.HEALTHY);
    become(upstreams.get(2), Kind.HEALTHY);
    time.pass(Duration.ofSeconds(1));

    IntStream.range(0, 40).forEach(n -> ask(first, "user-" + n));
    time.pass(Duration.ofSeconds(1));

    assertThat(given)
        .hasSize(40)
        .allSatisfy(
            each -> assertThat(Upstreams.choose(each.key(), upstreams)).contains(each.upstream()));
    assertThat(given).extracting(Given::upstream).contains(second, upstreams.get(2));
  }

  @Test
  void lineOfAnUpstreamThatFailsMovesOn() {
    become(first, Kind.HEALTHY);
    become(second, Kind.HEALTHY);
    IntStream.range(0, 100).forEach(n -> ask(first, "s" + n));

    become(first, Kind.REFUSING);
    time.pass(Duration.ofSeconds(4));

    assertThat(given).hasSize(100);
    assertThat(given.subList(BURST, 100)).extracting(Given::upstream).containsOnly(second);
  }

  @Test
  void upstreamThatRefusedAConnectionGivesNoTurnBeforeItIsChecked() {
    become(first, Kind.HEALTHY);
    IntStream.range(0, 100).forEach(n -> ask(first, "s" + n));

    first.suspect();
    time.pass(Duration.ofSeconds(10));
    assertThat(given).hasSize(BURST);
    assertThat(time.waiting()).isZero();

    first.trust();
    relinks.healthy();
    time.pass(Duration.ofSeconds(3));
    assertThat(given).hasSize(100);
  }

  @Test
  void suspicionAloneMovesNobodyBeforeTheTimeToFailOver() {
    become(first, Kind.HEALTHY);
    become(second, Kind.HEALTHY);
    time.pass(Duration.ofMinutes(1));
    first.suspect();

    ask(first, "a");
    time.pass(Duration.ofMillis(999));
    assertThat(given).isEmpty();
    time.pass(Duration.ofMillis(1));
    assertThat(given).extracting(Given::upstream).containsExactly(second);
  }

  @Test
  void cancelledTurnNeitherComesNorTakesATokenNorKeepsATimer() {
    become(first, Kind.HEALTHY);
    IntStream.range(0, BURST).forEach(n -> ask(first, "burst"));
    RelinkPermit cancelled = ask(first, "cancelled");
    assertThat(time.waiting()).isEqualTo(1);

    cancelled.cancel();
    assertThat(time.waiting()).isZero();
    time.pass(Duration.ofMillis(20));
    ask(first, "next");

    assertThat(given).extracting(Given::key).doesNotContain("cancelled").contains("next");
  }

  @Test
  void turnThatIsCancelledOnItsThreadBeforeItRunsIsNotGiven() {
    become(first, Kind.HEALTHY);
    List<Runnable> thread = new ArrayList<>();

    RelinkPermit permit =
        relinks.ask(first, "a", thread::add, upstream -> given.add(new Given("a", upstream, 0)));
    permit.cancel();
    thread.forEach(Runnable::run);

    assertThat(thread).hasSize(1);
    assertThat(given).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverHappensRatesHoldAndEverybodyGetsOneTurn(long seed) {
    relinks = relinks(upstreams, "700ms", seed);
    Random random = new Random(seed);
    Map<String, RelinkPermit> waiting = new HashMap<>();
    int request = 0;
    int cancelled = 0;
    for (int step = 0; step < 2_000; step++) {
      time.pass(Duration.ofMillis(random.nextInt(20)));
      given.forEach(each -> waiting.remove(each.key()));
      int dice = random.nextInt(100);
      if (dice < 2) {
        Upstream one = upstreams.get(random.nextInt(3));
        become(one, one.healthy() ? Kind.UNREACHABLE : Kind.HEALTHY);
      } else if (dice < 12 && !waiting.isEmpty()) {
        String key = waiting.keySet().iterator().next();
        Objects.requireNonNull(waiting.remove(key)).cancel();
        cancelled++;
      } else {
        String key = "s" + request++;
        int preferred = random.nextInt(4);
        waiting.put(key, ask(preferred == 3 ? null : upstreams.get(preferred), key));
      }
    }
    become(second, Kind.HEALTHY);
    time.pass(Duration.ofMinutes(5));

    assertThat(given).extracting(Given::key).doesNotHaveDuplicates().hasSize(request - cancelled);
    assertThat(time.waiting()).isZero();
    upstreams.forEach(this::assertPaced);
  }

  private void assertPaced(Upstream upstream) {
    List<Long> times =
        given.stream().filter(each -> each.upstream() == upstream).map(Given::at).toList();
    int most = RATE + BURST;
    for (int last = most; last < times.size(); last++) {
      assertThat(times.get(last) - times.get(last - most))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
    }
  }

  private RelinkPermit ask(@Nullable Upstream preferred, String key) {
    return relinks.ask(
        preferred,
        key,
        Runnable::run,
        upstream -> {
          assertThat(upstream.healthy()).isTrue();
          given.add(new Given(key, upstream, time.nanoTime()));
        });
  }

  private void become(Upstream upstream, Kind kind) {
    boolean was = upstream.healthy();
    upstream.become(new UpstreamState(kind, ""), time.nanoTime());
    if (upstream.healthy() && !was) {
      relinks.healthy();
    }
  }

  private RelinkScheduler relinks(List<Upstream> all, String failoverAfter, long seed) {
    // They have been away since the clock's origin.
    all.forEach(each -> each.become(new UpstreamState(Kind.HEALTHY, ""), 0));
    all.forEach(each -> each.become(new UpstreamState(Kind.UNKNOWN, ""), 0));
    Settings settings =
        Settings.of(
            Map.of("relink.rate", String.valueOf(RATE), "relink.failover-after", failoverAfter));
    return new RelinkScheduler(all, settings, this::share, time, new Random(seed));
  }

  static Upstream upstream(int number) {
    URI uri = URI.create("http://webui-" + number + ":8080");
    AddressLookup addresses =
        new AddressLookup("webui", 8080, Runnable::run, host -> new InetAddress[0]);
    return new Upstream(
        uri,
        HostHeader.CLIENT,
        new Dialer(uri, addresses, Optional.empty(), Duration.ZERO, () -> {}));
  }
}

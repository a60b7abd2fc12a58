package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.ManualTimers;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionRegistryTest {
  private static final Peer ADDRESS = Peer.ofUser("no user's");
  private static final Duration LAG = Duration.ofSeconds(1);

  private final TestSessions sessions = new TestSessions();
  private final ManualTimers timers = sessions.timers();
  private final Metrics metrics = new Metrics();
  private final Quotas quotas = new Quotas(Map.of());
  private final SessionRegistry registry =
      new SessionRegistry(
          new ParkedLimit(2, metrics.resume(), timers::nanoTime),
          quotas.pool(Resource.PARKED_SESSIONS, 100));
  private final LogLines log = new LogLines();
  private final List<String> ended = sessions.ended();

  @AfterEach
  void detachTheLog() {
    log.close();
  }

  private SessionEntry entry(String name, long parkedBytes) {
    SessionEntry entry = sessions.entry(name, parkedBytes);
    registry.given(name, entry);
    return entry;
  }

  private void run() {
    sessions.run();
  }

  @Test
  void sessionIsFoundByAnyOfItsPids() {
    SessionEntry one = entry("one", 0);
    registry.given("a", one);
    registry.given("b", one);

    assertThat(registry.find("a")).contains(one);
    assertThat(registry.find("b")).contains(one);
    assertThat(registry.find("c")).isEmpty();
    assertThat(one.session()).isNotNull();
  }

  @Test
  void pidThatWasTakenHasExpired() {
    registry.given("a", entry("one", 0));

    registry.taken("a");

    assertThat(registry.find("a")).isEmpty();
    assertThat(registry.hasExpired("a")).isTrue();
    assertThat(registry.hasExpired("b")).isFalse();
  }

  @Test
  void pidOfASessionThatAnotherNodeHasTakenOverNamesThatNode() {
    registry.given("a", entry("one", 0));

    registry.handedOff("a", new NodeId("b"));

    assertThat(registry.find("a")).isEmpty();
    assertThat(registry.successor("a")).contains(new NodeId("b"));
    assertThat(registry.hasExpired("a")).isFalse();
    assertThat(registry.successor("b")).isEmpty();
  }

  @Test
  void expiredPidsAreForgottenInTheEnd() {
    registry.taken("first");
    for (int i = 0; i < 10_000; i++) {
      registry.taken("p" + i);
    }

    assertThat(registry.hasExpired("first")).isFalse();
    assertThat(registry.hasExpired("p0")).isTrue();
  }

  @Test
  void oldestOfAUserGoesWhenThereAreTooMany() {
    registry.parked(Optional.of("u"), ADDRESS, entry("one", 0));
    registry.parked(Optional.of("u"), ADDRESS, entry("two", 0));
    registry.parked(Optional.of("other"), ADDRESS, entry("three", 0));
    run();
    assertThat(ended).isEmpty();

    registry.parked(Optional.of("u"), ADDRESS, entry("four", 0));
    run();

    assertThat(ended).containsExactly("one parked-per-user");
  }

  @Test
  void whoGoesForYoungerOnesIsCountedAndToldOfByOneLine() {
    park("u", 5);

    assertThat(displaced()).isEqualTo(3);
    assertThat(log.lines())
        .containsExactly(
            "a user has more parked sessions than resume.parked-per-user, which is 2:"
                + " the oldest was ended; 1 since the last such line");
  }

  @Test
  void laterLinesComeOnceAMinuteAndSayHowManyThereWere() {
    park("u", 5);
    timers.pass(Duration.ofSeconds(59));
    park("v", 3);
    assertThat(log.lines()).hasSize(1);

    timers.pass(Duration.ofSeconds(1));
    park("w", 4);

    assertThat(log.lines()).hasSize(2).last().asString().contains("; 4 since");
    assertThat(displaced()).isEqualTo(6);
  }

  @Test
  void whoHasEndedMeanwhileIsNotGivenUp() {
    SessionEntry one = entry("one", 0);
    registry.parked(Optional.of("u"), ADDRESS, one);
    registry.parked(Optional.of("u"), ADDRESS, entry("two", 0));
    registry.parked(Optional.of("u"), ADDRESS, entry("three", 0));
    one.session().close(CloseReason.KICKED);

    run();

    assertThat(displaced()).isZero();
    assertThat(log.lines()).isEmpty();
  }

  private void park(String user, int sessions) {
    for (int i = 0; i < sessions; i++) {
      registry.parked(Optional.of(user), ADDRESS, entry(user + i, 0));
    }
    run();
  }

  private double displaced() {
    return metrics.registry().scrape(name -> name.equals("holdfast_sessions_displaced")).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .mapToDouble(point -> ((CounterSnapshot.CounterDataPointSnapshot) point).getValue())
        .sum();
  }

  @Test
  void whoIsBackDoesNotCount() {
    SessionEntry one = entry("one", 0);
    registry.parked(Optional.of("u"), ADDRESS, one);
    registry.parked(Optional.of("u"), ADDRESS, entry("two", 0));
    registry.unparked(one);
    registry.unparked(one);

    registry.parked(Optional.of("u"), ADDRESS, entry("three", 0));
    run();

    assertThat(ended).isEmpty();
  }

  @Test
  void sessionThatKeepsMostGoesWhenMemoryIsShort() {
    registry.parked(Optional.of("u"), ADDRESS, entry("one", 10));
    SessionEntry largest = entry("two", 30);
    registry.parked(Optional.of("v"), ADDRESS, largest);
    registry.parked(Optional.of("w"), ADDRESS, entry("three", 20));

    registry.shed();
    registry.shed();
    run();
    assertThat(ended).containsExactly("two outbox-memory");
    registry.unparked(largest);
    registry.shed();
    run();

    assertThat(ended).containsExactly("two outbox-memory", "three outbox-memory");
  }

  @Test
  void nobodyGoesWhereNobodyIsParked() {
    registry.shed();
    run();

    assertThat(ended).isEmpty();
  }

  @Test
  void allGoWhenTheNodeStops() {
    registry.parked(Optional.of("u"), ADDRESS, entry("one", 0));
    registry.parked(Optional.of("v"), ADDRESS, entry("two", 0));

    registry.drain();
    run();

    assertThat(ended).containsExactlyInAnyOrder("one drained", "two drained");
  }

  @Test
  void sessionThatHasJustLeftAnUpstreamIsNotMovedOffItAgain() {
    SessionEntry one = entry("one", 0);
    SessionEntry two = entry("two", 0);
    one.at("a");
    two.at("a");

    registry.move("a", true);
    two.at("b");
    run();
    timers.pass(LAG);

    assertThat(sessions.moves()).containsExactly("one");
  }

  @Test
  void sessionWhoseTransportIsNotTakenNoteOfIsEnded() {
    SessionEntry one = entry("one", 0);
    one.onTransport(
        (throughNode, token) -> {
          throw new IllegalStateException("a fault of the registry");
        });

    one.hasTransport(false, null);

    assertThat(ended).containsExactly("one internal");
  }

  @Test
  void whatASessionWasToTakeOverIsGivenBackIfItEndsInstead() {
    SessionEntry one = entry("one", 0);
    List<String> given = new ArrayList<>();

    one.execute(() -> given.add("taken"), () -> given.add("back"));
    one.execute(
        () -> {
          throw new IllegalStateException("a fault of the session");
        },
        () -> given.add("back"));
    sessions.run();

    assertThat(given).containsExactly("taken", "back");
    assertThat(ended).containsExactly("one internal");
  }
}

package dev.holdfast.openwebui;

import static dev.holdfast.openwebui.HeartbeatStage.HEARTBEAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionPhase;
import dev.holdfast.session.StageTester;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Open WebUI gets one heartbeat for each interval, from the page or on its behalf. */
class HeartbeatStageTest {
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final HeartbeatStage stage = new HeartbeatStage(() -> Optional.of(INTERVAL));
  private final StageTester it = new StageTester(stage);

  @ParameterizedTest
  @EnumSource(names = {"RESUMED", "CLOSED"})
  void heartbeatsAreSentWhileThePageIsAway(SessionPhase over) {
    it.phase(SessionPhase.PARKED);
    it.timers().pass(INTERVAL.multipliedBy(3));
    assertThat(it.toUpstream).containsExactly(HEARTBEAT, HEARTBEAT, HEARTBEAT);

    it.phase(over);
    it.timers().pass(INTERVAL.multipliedBy(3));

    assertThat(it.toUpstream).hasSize(3);
    assertThat(it.timers().waiting()).isZero();
  }

  @Test
  void upstreamThatExpectsNoHeartbeatsGetsNone() {
    StageTester none = new StageTester(new HeartbeatStage(Optional::empty));

    none.phase(SessionPhase.PARKED);

    assertThat(none.timers().waiting()).isZero();
  }

  @Test
  void heartbeatsOfThePagesOnlyTimerPass() {
    it.phase(SessionPhase.OPENED);

    assertThat(it.pass(HEARTBEAT)).isEqualTo(HEARTBEAT);
    assertThat(it.pass(HEARTBEAT)).isEqualTo(HEARTBEAT);
  }

  /** Each CONNECT reply starts one more timer in the page. */
  @Test
  void oneHeartbeatForEachIntervalPassesAfterARelink() {
    it.phase(SessionPhase.LINKED);
    assertThat(it.pass(HEARTBEAT)).isEmpty();
    it.timers().pass(INTERVAL);
    assertThat(it.pass(HEARTBEAT)).isEqualTo(HEARTBEAT);
    assertThat(it.pass(HEARTBEAT)).isEmpty();
    it.timers().pass(INTERVAL.dividedBy(4).multipliedBy(3));

    assertThat(it.pass(HEARTBEAT)).isEqualTo(HEARTBEAT);
    assertThat(it.pass(HEARTBEAT)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"42[\"hello\"]", "42[\"heartbeat\",{\"x\":1}]", "42[\"heartbeats\",{}]"})
  void otherEventsPass(String event) {
    it.phase(SessionPhase.LINKED);

    assertThat(it.pass(event)).isEqualTo(event);
  }

  @Test
  void nextNodeGoesOnDroppingDuplicates() {
    it.phase(SessionPhase.LINKED);
    HeartbeatStage next = new HeartbeatStage(() -> Optional.of(INTERVAL));
    StageTester there = new StageTester(next);

    next.restore(stage.save(), there);

    assertThat(there.pass(HEARTBEAT)).isEmpty();
    assertThat(new HeartbeatStage(Optional::empty).save()).isEmpty();
  }
}

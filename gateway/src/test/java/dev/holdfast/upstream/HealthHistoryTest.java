package dev.holdfast.upstream;

import static dev.holdfast.upstream.UpstreamState.Kind.HEALTHY;
import static dev.holdfast.upstream.UpstreamState.Kind.REFUSING;
import static dev.holdfast.upstream.UpstreamState.Kind.SLOW;
import static dev.holdfast.upstream.UpstreamState.Kind.UNKNOWN;
import static dev.holdfast.upstream.UpstreamState.Kind.UNREACHABLE;
import static dev.holdfast.upstream.UpstreamState.Kind.WEBSOCKETS_OFF;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.upstream.UpstreamState.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HealthHistoryTest {
  @ParameterizedTest
  @CsvSource({"UNREACHABLE, 2", "REFUSING, 2", "SLOW, 3", "WEBSOCKETS_OFF, 1"})
  void healthyUpstreamIsGivenUpAfterSoManyBadChecks(Kind bad, int checks) {
    HealthHistory history = after(HEALTHY);

    for (int check = 1; check < checks; check++) {
      history = history.checked(found(bad));
      assertThat(history.state().kind()).isEqualTo(HEALTHY);
    }
    history = history.checked(found(bad));

    assertThat(history.state()).isEqualTo(found(bad));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"UNREACHABLE", "SLOW", "REFUSING", "WEBSOCKETS_OFF"})
  void oneGoodCheckMakesHealthy(Kind bad) {
    HealthHistory history = after(bad, bad, bad, HEALTHY);

    assertThat(history).isEqualTo(new HealthHistory(found(HEALTHY), 0));
  }

  @Test
  void firstCheckIsBelieved() {
    assertThat(after(SLOW).state().kind()).isEqualTo(SLOW);
  }

  @Test
  void unhealthyUpstreamChangesItsStateAtOnce() {
    assertThat(after(UNREACHABLE, REFUSING).state().kind()).isEqualTo(REFUSING);
  }

  @Test
  void goodCheckBetweenBadOnesForgivesThem() {
    assertThat(after(HEALTHY, UNREACHABLE, HEALTHY, UNREACHABLE).state().kind()).isEqualTo(HEALTHY);
  }

  @Test
  void failedLinkCountsAsTheFirstBadCheck() {
    HealthHistory history = after(HEALTHY).suspected().checked(found(UNREACHABLE));

    assertThat(history.state().kind()).isEqualTo(UNREACHABLE);
  }

  @Test
  void manyFailedLinksCountOnce() {
    HealthHistory history = after(HEALTHY).suspected().suspected().suspected();

    assertThat(history.checked(found(SLOW)).state().kind()).isEqualTo(HEALTHY);
  }

  @Test
  void failedLinkSaysNothingOfAnUpstreamThatIsNotHealthy() {
    assertThat(HealthHistory.NEW.suspected()).isEqualTo(HealthHistory.NEW);
    assertThat(HealthHistory.NEW.state().kind()).isEqualTo(UNKNOWN);
    assertThat(after(WEBSOCKETS_OFF).suspected()).isEqualTo(after(WEBSOCKETS_OFF));
  }

  private static HealthHistory after(Kind... found) {
    HealthHistory history = HealthHistory.NEW;
    for (Kind each : found) {
      history = history.checked(found(each));
    }
    return history;
  }

  private static UpstreamState found(Kind kind) {
    return new UpstreamState(kind, "seen " + kind.label());
  }
}

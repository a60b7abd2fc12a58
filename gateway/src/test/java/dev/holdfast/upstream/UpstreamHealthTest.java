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

class UpstreamHealthTest {
  @ParameterizedTest
  @CsvSource({"UNREACHABLE, 2", "REFUSING, 2", "SLOW, 3", "WEBSOCKETS_OFF, 1"})
  void healthyUpstreamIsGivenUpAfterSoManyBadChecks(Kind bad, int checks) {
    UpstreamHealth history = after(HEALTHY);

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
    UpstreamHealth history = after(bad, bad, bad, HEALTHY);

    assertThat(history).isEqualTo(new UpstreamHealth(found(HEALTHY), 0));
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
    UpstreamHealth history = after(HEALTHY).suspected().checked(found(UNREACHABLE));

    assertThat(history.state().kind()).isEqualTo(UNREACHABLE);
  }

  @Test
  void manyFailedLinksCountOnce() {
    UpstreamHealth history = after(HEALTHY).suspected().suspected().suspected();

    assertThat(history.checked(found(SLOW)).state().kind()).isEqualTo(HEALTHY);
  }

  @Test
  void failedLinkSaysNothingOfAnUpstreamThatIsNotHealthy() {
    assertThat(UpstreamHealth.NEW.suspected()).isEqualTo(UpstreamHealth.NEW);
    assertThat(UpstreamHealth.NEW.state().kind()).isEqualTo(UNKNOWN);
    assertThat(after(WEBSOCKETS_OFF).suspected()).isEqualTo(after(WEBSOCKETS_OFF));
  }

  private static UpstreamHealth after(Kind... found) {
    UpstreamHealth history = UpstreamHealth.NEW;
    for (Kind each : found) {
      history = history.checked(found(each));
    }
    return history;
  }

  private static UpstreamState found(Kind kind) {
    return new UpstreamState(kind, "seen " + kind.label());
  }
}

package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.upstream.UpstreamState.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamTest {
  @ParameterizedTest
  @CsvSource({
    "HEALTHY, false",
    "SLOW, false",
    "UNREACHABLE SLOW, false",
    "HEALTHY SLOW, true",
    "HEALTHY SLOW SLOW, true",
    "HEALTHY SLOW HEALTHY, false",
    "HEALTHY SLOW HEALTHY SLOW, true",
    "HEALTHY UNREACHABLE, false",
    "HEALTHY UNREACHABLE SLOW, false",
    "HEALTHY SLOW UNREACHABLE, false",
    "HEALTHY SLOW REFUSING SLOW, false"
  })
  void whatGotSlowAfterItWasHealthyIsOverloaded(String states, boolean overloaded) {
    Upstream upstream = RelinkSchedulerTest.upstream(1);

    for (String state : states.split(" ", -1)) {
      upstream.become(new UpstreamState(Kind.valueOf(state), "as found"), 0);
    }

    assertThat(upstream.isOverloaded()).isEqualTo(overloaded);
  }
}

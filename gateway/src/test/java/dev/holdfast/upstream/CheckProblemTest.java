package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.upstream.UpstreamState.Kind;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class CheckProblemTest {
  @Test
  void problemIsFoundInsideWhatTheFuturesWrapItIn() {
    CheckProblem slow = CheckProblem.slow();

    assertThat(CheckProblem.of(new CompletionException(new CompletionException(slow))))
        .isSameAs(slow);
  }

  @Test
  void errorThatNobodyExpectedIsARefusalThatSaysSo() {
    assertThat(
            CheckProblem.of(new CompletionException(new IllegalStateException("a fault"))).state())
        .isEqualTo(new UpstreamState(Kind.REFUSING, "the check failed: a fault"));
  }

  @Test
  void wrapperWithoutACauseIsItselfTheProblem() {
    assertThat(CheckProblem.of(new CompletionException("nothing inside", null)).state())
        .isEqualTo(new UpstreamState(Kind.REFUSING, "the check failed: nothing inside"));
  }
}

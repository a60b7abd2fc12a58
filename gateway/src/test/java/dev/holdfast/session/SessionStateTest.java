package dev.holdfast.session;

import static dev.holdfast.session.SessionState.Effect.ANNOUNCE;
import static dev.holdfast.session.SessionState.Effect.CLOSE_LINK;
import static dev.holdfast.session.SessionState.Effect.CLOSE_TRANSPORT;
import static dev.holdfast.session.SessionState.Effect.DIAL;
import static dev.holdfast.session.SessionState.Effect.END;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionState.Closed;
import dev.holdfast.session.SessionState.Linking;
import dev.holdfast.session.SessionState.Live;
import dev.holdfast.session.SessionState.Opening;
import dev.holdfast.session.SessionState.Step;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SessionStateTest {
  private static final CloseReason REASON = CloseReason.DRAINED;
  private static final Closed OVER = new Closed(REASON);

  /** State, then what it answers to connect, linked and close. */
  static Stream<Arguments> table() {
    return Stream.of(
        Arguments.of(
            new Opening(),
            Step.to(new Linking(), DIAL),
            Step.to(new Opening()),
            Step.to(OVER, CLOSE_TRANSPORT, END)),
        Arguments.of(
            new Linking(),
            Step.to(new Linking()),
            Step.to(new Live(), ANNOUNCE),
            Step.to(OVER, CLOSE_TRANSPORT, CLOSE_LINK, END)),
        Arguments.of(
            new Live(),
            Step.to(new Live()),
            Step.to(new Live()),
            Step.to(OVER, CLOSE_TRANSPORT, CLOSE_LINK, END)),
        Arguments.of(
            new Closed(CloseReason.INTERNAL),
            Step.to(new Closed(CloseReason.INTERNAL)),
            Step.to(new Closed(CloseReason.INTERNAL)),
            Step.to(new Closed(CloseReason.INTERNAL))));
  }

  @ParameterizedTest
  @MethodSource("table")
  void everyStateAnswersEveryEvent(SessionState state, Step connect, Step linked, Step close) {
    assertThat(state.connect()).isEqualTo(connect);
    assertThat(state.linked()).isEqualTo(linked);
    assertThat(state.close(REASON)).isEqualTo(close);
  }
}

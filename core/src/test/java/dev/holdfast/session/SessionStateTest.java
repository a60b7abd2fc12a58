package dev.holdfast.session;

import static dev.holdfast.session.SessionState.Effect.ANNOUNCE;
import static dev.holdfast.session.SessionState.Effect.CLOSE_LINK;
import static dev.holdfast.session.SessionState.Effect.CLOSE_TRANSPORT;
import static dev.holdfast.session.SessionState.Effect.DROP_NEXT;
import static dev.holdfast.session.SessionState.Effect.END;
import static dev.holdfast.session.SessionState.Effect.OPEN_NEXT;
import static dev.holdfast.session.SessionState.Effect.OVERLAP;
import static dev.holdfast.session.SessionState.Effect.PARK;
import static dev.holdfast.session.SessionState.Effect.REDIAL;
import static dev.holdfast.session.SessionState.Effect.RELINKED;
import static dev.holdfast.session.SessionState.Effect.STAY;
import static dev.holdfast.session.SessionState.Effect.SWITCH;
import static dev.holdfast.session.SessionState.Effect.UNPARK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionState.Adrift;
import dev.holdfast.session.SessionState.Client;
import dev.holdfast.session.SessionState.Closed;
import dev.holdfast.session.SessionState.Linking;
import dev.holdfast.session.SessionState.Live;
import dev.holdfast.session.SessionState.Moving;
import dev.holdfast.session.SessionState.Overlapping;
import dev.holdfast.session.SessionState.Parked;
import dev.holdfast.session.SessionState.Relinking;
import dev.holdfast.session.SessionState.Step;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SessionStateTest {
  private static final CloseReason REASON = CloseReason.DRAINED;
  private static final Step OVER = Step.to(new Closed(REASON), CLOSE_TRANSPORT, CLOSE_LINK, END);

  private static Step stay(SessionState state) {
    return Step.to(state);
  }

  private static final SessionState LINKING = new Linking();
  private static final SessionState LIVE = new Live();
  private static final SessionState PARKED = new Parked();
  private static final SessionState RELINKING = new Relinking();
  private static final SessionState ADRIFT = new Adrift();
  private static final SessionState MOVING = new Moving(Client.HERE);
  private static final SessionState MOVING_AWAY = new Moving(Client.AWAY);
  private static final SessionState OVERLAPPING = new Overlapping(Client.HERE);
  private static final SessionState OVERLAPPING_AWAY = new Overlapping(Client.AWAY);
  private static final Step GOES_ADRIFT = Step.to(ADRIFT, CLOSE_LINK, PARK);

  private static Arguments row(SessionState state, Step... answers) {
    return Arguments.of(state, List.of(answers));
  }

  /**
   * State, then what it answers to: linked; link lost, for good and not; transport lost, for good
   * and not; attached.
   */
  static Stream<Arguments> table() {
    Step linked = Step.to(LIVE, ANNOUNCE);
    Step relinked = Step.to(LIVE, RELINKED);
    Step redial = Step.to(RELINKING, REDIAL);
    Step back = Step.to(LIVE, UNPARK);
    Step backAdrift = Step.to(RELINKING, UNPARK, REDIAL);
    Step park = Step.to(PARKED, PARK);
    Step parked = stay(PARKED);
    Step adrift = stay(ADRIFT);
    Step stops = Step.to(RELINKING, DROP_NEXT, REDIAL);
    Step stopsAway = Step.to(ADRIFT, DROP_NEXT);
    Step parkMoving = Step.to(MOVING_AWAY, PARK);
    Step backMoving = Step.to(MOVING, UNPARK);
    Step two = stay(OVERLAPPING_AWAY);
    Step goes = Step.to(LIVE, SWITCH);
    Step goesAway = Step.to(PARKED, SWITCH);
    Step parkOverlapping = Step.to(OVERLAPPING_AWAY, PARK);
    Step backOverlapping = Step.to(OVERLAPPING, UNPARK);
    return Stream.of(
        row(LINKING, linked, OVER, OVER, OVER, OVER, stay(LINKING)),
        row(LIVE, stay(LIVE), OVER, redial, OVER, park, stay(LIVE)),
        row(PARKED, parked, OVER, adrift, parked, parked, back),
        row(MOVING, stay(MOVING), OVER, stops, OVER, parkMoving, stay(MOVING)),
        row(MOVING_AWAY, stay(MOVING_AWAY), OVER, stopsAway, OVER, parkMoving, backMoving),
        row(OVERLAPPING, stay(OVERLAPPING), goes, goes, OVER, parkOverlapping, stay(OVERLAPPING)),
        row(OVERLAPPING_AWAY, two, goesAway, goesAway, OVER, parkOverlapping, backOverlapping),
        row(RELINKING, relinked, OVER, redial, OVER, GOES_ADRIFT, stay(RELINKING)),
        row(ADRIFT, adrift, adrift, adrift, adrift, adrift, backAdrift));
  }

  @ParameterizedTest
  @MethodSource("table")
  void everyStateAnswersEveryEvent(SessionState state, List<Step> answers) {
    assertThat(
            List.of(
                state.linked(),
                state.linkLost(REASON, false),
                state.linkLost(REASON, true),
                state.transportLost(REASON, false),
                state.transportLost(REASON, true),
                state.attached()))
        .isEqualTo(answers);
    assertThat(state.close(REASON)).isEqualTo(OVER);
  }

  /** State, then what it answers to: move, next linked, next lost, switched. */
  static Stream<Arguments> moves() {
    Step overlaps = Step.to(OVERLAPPING, OVERLAP);
    Step overlapsAway = Step.to(OVERLAPPING_AWAY, OVERLAP);
    return Stream.of(
        row(LINKING, stay(LINKING), stay(LINKING), stay(LINKING), stay(LINKING)),
        row(LIVE, Step.to(MOVING, OPEN_NEXT), stay(LIVE), stay(LIVE), stay(LIVE)),
        row(PARKED, Step.to(MOVING_AWAY, OPEN_NEXT), stay(PARKED), stay(PARKED), stay(PARKED)),
        row(MOVING, stay(MOVING), overlaps, Step.to(LIVE, DROP_NEXT), stay(MOVING)),
        row(
            MOVING_AWAY,
            stay(MOVING_AWAY),
            overlapsAway,
            Step.to(PARKED, DROP_NEXT),
            stay(MOVING_AWAY)),
        row(
            OVERLAPPING,
            stay(OVERLAPPING),
            stay(OVERLAPPING),
            Step.to(LIVE, STAY),
            Step.to(LIVE, SWITCH)),
        row(
            OVERLAPPING_AWAY,
            stay(OVERLAPPING_AWAY),
            stay(OVERLAPPING_AWAY),
            Step.to(PARKED, STAY),
            Step.to(PARKED, SWITCH)),
        row(RELINKING, stay(RELINKING), stay(RELINKING), stay(RELINKING), stay(RELINKING)),
        row(ADRIFT, stay(ADRIFT), stay(ADRIFT), stay(ADRIFT), stay(ADRIFT)));
  }

  @ParameterizedTest
  @MethodSource("moves")
  void everyStateAnswersWhatHappensToAMove(SessionState state, List<Step> answers) {
    assertThat(List.of(state.move(), state.nextLinked(), state.nextLost(), state.switched()))
        .isEqualTo(answers);
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void nothingChangesAClosedSession(CloseReason reason) {
    SessionState closed = new Closed(reason);

    assertThat(
            List.of(
                closed.linked(),
                closed.linkLost(REASON, true),
                closed.transportLost(REASON, true),
                closed.attached(),
                closed.close(REASON)))
        .allMatch(stay(closed)::equals);
  }

  static Stream<CloseReason> reasons() {
    return Stream.of(CloseReason.values());
  }
}

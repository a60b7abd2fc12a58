package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client comes back while two links overlap. Its page joins its rooms when it has handled the
 * second CONNECT reply, so the switch waits for that, and for nothing that it cannot know.
 */
class LinkSwitchoverResumeTest {
  private static final Duration LAG = Conversation.LAG;
  private static final Duration A_LITTLE = Duration.ofMillis(100);

  /** How the client's transport ends. */
  enum End {
    BEFORE_THE_OVERLAP,
    IN_THE_OVERLAP,
    /** The session learns of it only when the client resumes. */
    UNNOTICED
  }

  private final Conversation it;

  LinkSwitchoverResumeTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  /** The client is away for longer than a page needs to join its rooms. */
  private void beAway(End end) throws ProtocolException {
    if (end == End.BEFORE_THE_OVERLAP) {
      it.cut();
    }
    it.overlap();
    if (end == End.IN_THE_OVERLAP) {
      it.cut();
    }
    it.timers.pass(LAG.multipliedBy(3).dividedBy(2));
  }

  @ParameterizedTest
  @EnumSource
  void clientThatHasMissedTheSecondReplyIsWaitedFor(End end) throws ProtocolException {
    beAway(end);
    it.resume(1, "tagtag.0");
    it.timers.pass(LAG);
    assertThat(it.heard).noneMatch(each -> each.startsWith("moved"));

    it.confirm();
    it.timers.pass(LAG.multipliedBy(2).minus(A_LITTLE));
    assertThat(it.heard).noneMatch(each -> each.startsWith("moved"));
    it.timers.pass(A_LITTLE.multipliedBy(2));

    assertThat(it.heard).contains("moved NO_FENCES");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BEFORE_THE_OVERLAP")
  void clientThatComesWithTheSecondPidHasHadTheReply(End end) throws ProtocolException {
    beAway(end);
    it.resume(2, "tagtag.0");
    it.timers.pass(LAG.multipliedBy(2).minus(A_LITTLE));
    assertThat(it.heard).noneMatch(each -> each.startsWith("moved"));
    it.timers.pass(A_LITTLE.multipliedBy(2));

    assertThat(it.heard).contains("moved NO_FENCES");
  }

  @Test
  void clientThatHasConfirmedTheReplyAndComesBackIsInItsRooms() throws ProtocolException {
    it.overlap();
    it.confirm();
    it.timers.pass(LAG);
    it.cut();
    it.resume(2, "tagtag.1");
    it.timers.pass(LAG.plus(A_LITTLE));

    assertThat(it.heard).contains("moved NO_FENCES");
  }

  @Test
  void clientThatConfirmsAndComesBackBetweenTwoLooksIsNotTakenForOneThatWasAway()
      throws ProtocolException {
    it.cut();
    it.overlap();
    it.timers.pass(LAG.multipliedBy(2).minus(A_LITTLE));
    it.resume(1, "tagtag.0");
    it.confirm();
    it.timers.pass(LAG);

    assertThat(it.heard).noneMatch(each -> each.startsWith("moved"));
  }

  @Test
  void sessionWhoseClientStaysAwayMovesWithoutIt() throws ProtocolException {
    beAway(End.IN_THE_OVERLAP);
    it.timers.pass(LAG.dividedBy(2).plus(A_LITTLE));

    assertThat(it.heard).contains("moved NO_FENCES");
  }
}

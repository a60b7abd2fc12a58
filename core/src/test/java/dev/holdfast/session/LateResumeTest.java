package dev.holdfast.session;

import static dev.holdfast.session.Conversation.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client's CONNECT on a connection that it has given up may be heard after that on its next one.
 */
class LateResumeTest {
  private static final String LARGE = "x".repeat(1300);

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void whatTheClientHasGotSinceIsNotSentAgain(OffsetStyle style) throws ProtocolException {
    Conversation it = Conversation.live(style);
    for (int n = 1; n <= 5; n++) {
      it.down("42[\"event\"," + n + ",\"" + LARGE + "\",{}]");
    }
    FakeConnection dead = new FakeConnection(false);
    dead.taking = false;

    it.session.resume(dead, 0, new ResumeRequest("pid1", "tagtag.1", TOKEN), answers -> {});
    Result result = it.resume(1, "tagtag.5");
    it.down("42[\"event\",6,{}]");

    assertThat(result).isEqualTo(Result.RECOVERED);
    assertThat(it.shown()).hasSize(2);
    assertThat(it.shown().get(1)).startsWith("42[\"event\",6");
  }

  @Test
  void olderConnectionDoesNotTakeTheSessionFromANewerOne() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.ARGUMENT);
    it.resume(1, "tagtag.0");

    ResumeResult late =
        it.session.resume(
            new FakeConnection(false),
            0,
            new ResumeRequest("pid1", "tagtag.0", TOKEN),
            answers -> {});

    assertThat(late.result()).isEqualTo(Result.GIVEN_UP);
    assertThat(it.transport.closed).isEmpty();
  }

  @Test
  void claimOfBeforeWhatTheClientHasConfirmedLeavesTheSessionToIt() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.ARGUMENT);
    for (int n = 1; n <= 100; n++) {
      it.down("42[\"event\"," + n + ",\"" + LARGE + "\",{}]");
      it.confirm();
    }
    it.cut();

    ResumeResult late =
        it.session.resume(
            new FakeConnection(false),
            0,
            new ResumeRequest("pid1", "tagtag.0", TOKEN),
            answers -> {});

    assertThat(late.result()).as("a fresh session").isEqualTo(Result.TRIMMED);
    assertThat(it.resume(1, "tagtag.100")).isEqualTo(Result.RECOVERED);
  }

  @Test
  void olderConnectionMayHaveASessionThatWaits() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.ARGUMENT);
    it.resume(1, "tagtag.0");
    it.cut();

    ResumeResult late =
        it.session.resume(
            new FakeConnection(false),
            0,
            new ResumeRequest("pid1", "tagtag.0", TOKEN),
            answers -> {});

    assertThat(late.result()).isEqualTo(Result.RECOVERED);
  }
}

package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of the upstream, asked of a client that comes and goes. */
class CallResumeTest {
  private static final String REPLY = "40{\"sid\":\"s\",\"pid\":\"pid1\"}";
  private static final String CALL = "427[\"call\",{}]";
  private static final String ANSWER = "437[\"yes\"]";

  private final Conversation it;

  CallResumeTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  @Test
  void secondAnswerIsDropped() throws ProtocolException {
    it.down(CALL);

    it.up(ANSWER, "437[\"no\"]", "438[\"never asked\"]");

    assertThat(it.link.packets).containsExactly(ANSWER);
    assertThat(it.heard).containsExactly("answer dropped", "answer dropped");
  }

  @Test
  void secondAnswerIsDroppedWithItsAttachments() throws ProtocolException {
    it.down(CALL);

    it.up("461-7[{}]", "<a>", "462-7[{},{}]", "<b>", "<c>", "42[\"event\"]");

    assertThat(it.link.packets).containsExactly("461-7[{}]", "<a>", "42[\"event\"]");
  }

  /** Its window would close before the client sees the prompt again. */
  @Test
  void callWithoutAnswerIsAskedAgainThoughItWasConfirmed() throws ProtocolException {
    it.down(CALL, "451-8[\"bin\",{}]", "<att>");
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));
    assertThat(it.outboxes.taken()).isZero();
    it.cut();

    it.resume(1, "tagtag.2");

    assertThat(it.shown()).containsExactly(REPLY, CALL, "451-8[\"bin\",{}]", "<att>");
    assertThat(it.waiting()).isZero();
    it.up(ANSWER);
    assertThat(it.link.packets).containsExactly(ANSWER);
    it.confirm();
    assertThat(it.waiting()).isZero();
  }

  @Test
  void callIsAskedAgainEachTimeAndCountsOnce() throws ProtocolException {
    it.down(CALL);
    for (int times = 0; times < 3; times++) {
      it.cut();
      it.resume(1, "tagtag.1");
      assertThat(it.shown()).containsExactly(REPLY, CALL);
    }

    assertThat(it.waiting()).isZero();
    assertThat(it.delivered).isEqualTo(1);
    assertThat(it.replayed).isEqualTo(3);
  }

  @Test
  void callThatTheClientMissedIsAskedInItsPlace() throws ProtocolException {
    it.down("42[\"a\"]");
    it.cut();
    it.down(CALL, "42[\"b\"]");

    it.resume(1, "tagtag.0");

    assertThat(it.shown())
        .containsExactly(REPLY, "42[\"a\",\"tagtag.1\"]", CALL, "42[\"b\",\"tagtag.3\"]");
  }

  @Test
  void answeredCallIsNotAskedAgain() throws ProtocolException {
    it.down(CALL, "42[\"b\"]");
    it.up(ANSWER);
    it.cut();

    it.resume(1, "tagtag.0");

    assertThat(it.shown()).containsExactly(REPLY, "42[\"b\",\"tagtag.2\"]");
    assertThat(it.waiting()).isEqualTo(1);
    assertThat(it.delivered).isEqualTo(1);
  }

  /** Half a packet goes nowhere, so nobody would ever answer the call. */
  @Test
  void answerThatWasCutOffInItsMiddleDoesNotCount() throws ProtocolException {
    it.down(CALL);
    it.up("462-7[{},{}]", "<a>");
    it.cut();

    it.resume(1, "tagtag.1");
    assertThat(it.shown()).containsExactly(REPLY, CALL);
    it.up("462-7[{},{}]", "<a>", "<b>", ANSWER);

    assertThat(it.link.packets).containsExactly("462-7[{},{}]", "<a>", "<b>");
    assertThat(it.heard).endsWith("answer dropped");
  }

  /** Socket.io-client flushes what it was to send before it says who it is. */
  @Test
  void answerBeforeTheConnectCounts() throws ProtocolException {
    it.down(CALL, "428[\"call\"]");
    it.cut();

    assertThat(it.resume(1, "tagtag.0", ANSWER, "437[\"again\"]")).isEqualTo(Result.RECOVERED);

    assertThat(it.link.packets).containsExactly(ANSWER);
    assertThat(it.heard).contains("answer dropped");
    assertThat(it.shown()).containsExactly(REPLY, "428[\"call\"]");
  }

  @Test
  void answerBeforeTheConnectOfAnotherCountsForNothing() throws ProtocolException {
    it.down(CALL);

    it.resume(new ResumeRequest("pid1", null, "stolen"), ANSWER);

    assertThat(it.link.packets).isEmpty();
  }

  @Test
  void sessionThatEndsOverEarlyAnswersIsNotResumed() throws ProtocolException {
    it.down(CALL);
    it.cut();
    it.link.taking = false;
    it.pool.take(64 * 1024);

    assertThat(it.resume(1, "tagtag.0", ANSWER)).isEqualTo(Result.EXPIRED);

    assertThat(it.link.closed).contains(CloseReason.NO_BUFFERS);
    it.pool.give(ByteBuffer.allocate(64 * 1024));
  }

  @Test
  void answersPassBothWaysWhileTheLinkStays() throws ProtocolException {
    it.up("420[\"ask\"]");
    it.cut();
    it.down("430[\"answer\"]");

    it.resume(1, "tagtag.0");

    assertThat(it.shown()).containsExactly(REPLY, "430[\"answer\"]");
    assertThat(it.replayed).isZero();
  }

  @Test
  void callsAreAskedOnlyOnceIfSoSet() throws ProtocolException {
    Conversation other = new Conversation(OffsetStyle.ARGUMENT, false).connected();
    other.down(CALL);
    other.cut();

    other.resume(1, "tagtag.1");

    assertThat(other.shown()).containsExactly(REPLY);
    other.session.close(CloseReason.DRAINED);
  }
}

package dev.holdfast.session;

import static dev.holdfast.session.Conversation.EVENT;
import static dev.holdfast.session.Conversation.LEFT_WINDOW;
import static dev.holdfast.session.Conversation.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** A session whose client is away. */
class ParkTest {

  private Conversation it;

  ParkTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  @Test
  void linkStaysUntilTheWindowIsOver() throws ProtocolException {
    it.cut();
    it.down(EVENT);
    it.timers.pass(WINDOW.minusNanos(1));
    assertThat(it.link.closed).isEmpty();
    assertThat(it.heard).containsExactly("parked");
    assertThat(it.waiting()).isEqualTo(1);

    it.timers.pass(WINDOW);

    assertThat(it.link.closed).contains(CloseReason.RESUME_EXPIRED);
    assertThat(it.heard)
        .containsExactly("parked", "given up 1 resume-expired", "ended resume-expired", "unparked");
  }

  @Test
  void clientThatIsBackIsNotExpired() throws ProtocolException {
    it.cut();
    it.resume(1, "tagtag.0");

    it.timers.pass(WINDOW.multipliedBy(2));

    assertThat(it.session.isClosed()).isFalse();
    assertThat(it.link.packets).isEmpty();
  }

  /** Close code 1001: the page was left, or is frozen and may come back. */
  @Test
  void clientThatLeftItsPageIsNotAwaitedForLong() {
    it.client.closed(CloseReason.CLIENT_LEFT);

    it.timers.pass(LEFT_WINDOW);

    assertThat(it.heard).endsWith("ended resume-expired", "unparked");
  }

  @Test
  void clientThatNeverConfirmedItsPidIsNotAwaitedForLong() throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);
    it.down("40{\"sid\":\"s\"}", EVENT);
    it.cut();

    it.timers.pass(LEFT_WINDOW);

    assertThat(it.heard).endsWith("ended resume-expired", "unparked");
  }

  @Test
  void clientThatCameBackWithItsPidIsAwaitedAgain() throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);
    it.down("40{\"sid\":\"s\"}");
    it.cut();
    it.resume(1, null);
    it.cut();

    it.timers.pass(WINDOW.minusNanos(1));

    assertThat(it.session.isClosed()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "CLIENT_LOST",
        "PING_TIMEOUT",
        "POLLING_IDLE",
        "MESSAGE_TOO_BIG",
        "NODE_LOST",
        "DRAINED"
      })
  void clientThatIsCutOffMayComeBack(CloseReason reason) {
    it.client.closed(reason);

    assertThat(it.heard).containsExactly("parked");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {
        "CLIENT_CLOSED",
        "CLIENT_LOST",
        "CLIENT_LEFT",
        "PING_TIMEOUT",
        "POLLING_IDLE",
        "MESSAGE_TOO_BIG",
        "SLOW_TRANSPORT",
        "NODE_LOST",
        "DRAINED"
      })
  void clientThatWasSentAwayMayNot(CloseReason reason) {
    it.client.closed(reason);

    assertThat(it.heard).containsExactly("ended " + reason.label());
    assertThat(it.link.closed).contains(reason);
  }

  @Test
  void clientThatDoesNotReadIsParkedToo() throws ProtocolException {
    it.transport.taking = false;
    it.down("42[\"" + "x".repeat(2000) + "\"]");
    assertThat(it.link.reading).isFalse();

    it.timers.pass(Conversation.SLOW);

    assertThat(it.transport.closed).contains(CloseReason.SLOW_TRANSPORT);
    assertThat(it.link.reading).isTrue();
    assertThat(it.heard).containsExactly("parked");
    it.resume(1, "tagtag.0");
    assertThat(it.shown()).hasSize(2);
  }

  @Test
  void clientThatDisconnectedIsNotAwaited() throws ProtocolException {
    it.up("41");
    it.cut();

    assertThat(it.link.packets).containsExactly("41");
    assertThat(it.heard).containsExactly("revoked", "ended client-lost");
  }

  @Test
  void clientThatConnectsAgainHasAnotherPid() throws ProtocolException {
    it.up("41", "40{\"token\":\"t\"}");
    it.down("40{\"sid\":\"s2\"}");
    it.confirm();
    it.cut();

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(ResumeResult.Result.UNKNOWN);
    assertThat(it.resume(2, "tagtag.1")).isEqualTo(ResumeResult.Result.RECOVERED);
    assertThat(it.shown()).containsExactly("40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
  }

  /** Sign-out, another role, a revoked token: nobody may read on with an old pid. */
  @Test
  void upstreamThatDisconnectsItsClientRevokesThePids() throws ProtocolException {
    it.down(EVENT, "41");
    assertThat(it.transport.packets).last().isEqualTo("41");

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(ResumeResult.Result.UNKNOWN);
    it.cut();

    assertThat(it.heard).containsExactly("revoked", "given up 1 client-lost", "ended client-lost");
  }

  @Test
  void parkedSessionThatItsUpstreamDisconnectsEndsWithItsLink() throws ProtocolException {
    it.cut();
    it.down("41");
    assertThat(it.resume(1, "tagtag.0")).isEqualTo(ResumeResult.Result.UNKNOWN);

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.heard).containsExactly("parked", "revoked", "ended upstream-closed", "unparked");
  }

  @Test
  void replyWithoutRoomForAPidCannotBeResumed() throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);
    it.down("40");
    it.cut();

    assertThat(it.transport.packets).containsExactly("40");
    assertThat(it.heard).endsWith("ended client-lost");
  }

  @Test
  void refusalPasses() throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);
    it.down("44{\"message\":\"no\"}");

    assertThat(it.transport.packets).containsExactly("44{\"message\":\"no\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"40", "40{}", "40{1}", "40{\"sid\":\"s\" "})
  void replyThatTakesNoPidPassesAsItIs(String reply) throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);
    it.down(reply);

    assertThat(it.transport.packets).containsExactly(reply);
  }

  @Test
  void onlyASessionWithoutClientMakesRoomForOthers() {
    it.session.closeParked(CloseReason.OUTBOX_MEMORY);
    assertThat(it.session.isClosed()).isFalse();

    it.cut();
    it.session.closeParked(CloseReason.OUTBOX_MEMORY);

    assertThat(it.heard).contains("ended outbox-memory");
  }

  @Test
  void whatClientsDoEveryMinuteIsUsual() {
    assertThat(CloseReason.RESUME_EXPIRED.isUsual()).isTrue();
    assertThat(CloseReason.OUTBOX_FULL.isUsual()).isFalse();
  }

  @Test
  void timersAreStoppedWithTheSession() {
    it.cut();

    it.session.close(CloseReason.PARKED_PER_USER);

    assertThat(it.timers.waiting()).isZero();
    assertThat(it.heard).containsExactly("parked", "ended parked-per-user", "unparked");
  }
}

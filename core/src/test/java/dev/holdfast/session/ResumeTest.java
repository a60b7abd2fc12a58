package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that lost its connection comes back. */
class ResumeTest {
  private static final String REPLY = "40{\"sid\":\"s\",\"pid\":\"pid1\"}";

  private Conversation it = new Conversation(OffsetStyle.NONE);

  private void begin(OffsetStyle style) throws ProtocolException {
    it = Conversation.live(style);
  }

  private static String event(int number) {
    return "42[\"events\",{\"n\":" + number + "}]";
  }

  private static String marker(int counter) {
    return "42[\"~o\",\"tagtag." + counter + "\"]";
  }

  private static String withOffset(int number, int counter) {
    return "42[\"events\",{\"n\":" + number + "},\"tagtag." + counter + "\"]";
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void replayThatIsBrokenOffKeepsNoMemory(OffsetStyle style) throws ProtocolException {
    begin(style);
    it.down(event(1));
    it.cut();
    for (int i = 0; i < 10; i++) {
      it.down("42[\"events\",\"" + "x".repeat(700) + "\"]");
    }
    int[] left = {1};
    it.allocating =
        () -> {
          if (left[0]-- == 0) {
            throw new IllegalStateException("no buffer");
          }
        };

    assertThat(it.resume(1, "tagtag.1")).isNotEqualTo(Result.RECOVERED);

    assertThat(left[0]).isNegative();
    assertThat(it.session.isClosed()).isTrue();
  }

  /** Without the reply in front a client repeats what was replayed: it parks events until then. */
  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void clientGetsItsConnectReplyAndThenWhatItMissed(OffsetStyle style) throws ProtocolException {
    begin(style);
    it.down(event(1));
    it.cut();
    it.down(event(2), "430[\"answer\"]", "427[\"call\"]");

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);

    boolean argument = style == OffsetStyle.ARGUMENT;
    assertThat(it.shown())
        .containsExactly(
            REPLY, argument ? withOffset(2, 2) : event(2), "430[\"answer\"]", "427[\"call\"]");
    assertThat(it.transport.packets).last().isEqualTo(marker(3));
    assertThat(it.transport.writes).hasSize(1);
    assertThat(it.replayed).isEqualTo(2);
    assertThat(it.waiting()).isEqualTo(2);
    assertThat(it.heard).containsExactly("parked", "unparked", "caught up after 0");
  }

  @Test
  void whatTheClientNamesCountsAsDelivered() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1), event(2), event(3));
    it.cut();
    assertThat(it.waiting()).isEqualTo(3);

    it.resume(1, "tagtag.2");

    assertThat(it.waiting()).isEqualTo(1);
    it.confirm();
    assertThat(it.waiting()).isZero();
    assertThat(it.givenUp).isZero();
  }

  @Test
  void stallIsTheTimeFromTheCutToTheReplay() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.cut();
    it.timers.pass(Duration.ofSeconds(2));

    it.resume(1, "tagtag.0");

    assertThat(it.heard).contains("caught up after 2000");
  }

  @Test
  void claimThatIsNotTheOwnersChangesNothing() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1));

    assertThat(it.resume(new ResumeRequest("pid2", "tagtag.0", Conversation.TOKEN)))
        .isEqualTo(Result.UNKNOWN);
    assertThat(it.resume(new ResumeRequest("pid1", "tagtag.0", "stolen")))
        .isEqualTo(Result.FOREIGN);

    assertThat(it.transport.closed).isEmpty();
    assertThat(it.heard).isEmpty();
    assertThat(it.session.isClosed()).isFalse();
  }

  @Test
  void sessionThatIsOverIsExpired() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.session.close(CloseReason.DRAINED);

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.EXPIRED);
  }

  @Test
  void sessionWithoutOffsetsCannotBeResumed() throws ProtocolException {
    begin(OffsetStyle.NONE);

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.EXPIRED);
    it.cut();

    assertThat(it.link.closed).contains(CloseReason.CLIENT_LOST);
  }

  /** Else the client would come back for ever: it never gets past what it cannot decode. */
  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void undecodableEventIsGivenUpWhenTheClientComesTwiceForIt(OffsetStyle style)
      throws ProtocolException {
    begin(style);
    boolean argument = style == OffsetStyle.ARGUMENT;
    it.down(event(1));
    it.down("42[\"events\",NaN]");
    it.down("42[\"later\",NaN]");
    it.cut();

    it.resume(1, "tagtag.1");
    assertThat(it.shown()).hasSize(3);
    it.cut();
    it.resume(1, "tagtag.1");
    assertThat(it.shown()).containsExactly(REPLY, it.transport.packets.get(argument ? 1 : 2));
    it.cut();
    // The marker of the event that was given up stands, and is the client's offset now.
    it.resume(1, argument ? "tagtag.1" : "tagtag.2");
    it.cut();
    it.resume(1, argument ? "tagtag.1" : "tagtag.2");

    assertThat(it.shown()).containsExactly(REPLY);
    assertThat(it.givenUp).isEqualTo(2);
    assertThat(it.waiting()).isZero();
  }

  @Test
  void onlyTheNextEventIsSuspected() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1), "42[\"events\",NaN]");
    it.cut();
    it.resume(1, "tagtag.0");
    it.cut();

    it.resume(1, "tagtag.0");

    assertThat(it.shown()).hasSize(3);
    assertThat(it.givenUp).isZero();
  }

  /** Else it would be asked again at every resume. */
  @Test
  void undecodableCallIsNotAskedAgain() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down("421[\"call\",NaN]", event(2));
    it.cut();
    it.resume(1, "tagtag.0");
    it.cut();
    it.resume(1, "tagtag.0");
    assertThat(it.shown()).containsExactly(REPLY, withOffset(2, 2));
    it.cut();

    it.resume(1, "tagtag.2");

    assertThat(it.shown()).containsExactly(REPLY);
    assertThat(it.givenUp).isEqualTo(1);
  }

  /** The other namespaces' sockets start afresh. */
  @Test
  void nothingOfAnotherNamespaceIsReplayed() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.up("40/admin,{}", "40/other,{}");
    it.down("40/admin,{\"sid\":\"a\"}", "40/other,{\"sid\":\"o\"}", "42/admin,[\"x\",\"text\"]");
    it.up("41/other,");
    it.down(event(1));
    it.link.forget();
    it.cut();
    assertThat(it.link.packets).containsExactly("41/admin,");
    it.down("451-/admin,[\"x\",{}]", "<att>", event(2));

    it.resume(1, "tagtag.0");

    assertThat(it.shown()).containsExactly(REPLY, withOffset(1, 1), withOffset(2, 2));
  }

  /** Two transports on one session would each get half. */
  @Test
  void halfOpenTransportIsClosedBeforeAnotherTakesItsPlace() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    FakeConnection old = it.transport;
    EngineConnection.Listener oldClient = it.client;
    it.down(event(1));

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);
    assertThat(old.closed).contains(CloseReason.TAKEN_OVER);
    old.forget();
    Read.ofClient(event(9)).tell(oldClient);
    oldClient.writable();
    oldClient.acknowledged(1_000_000);
    oldClient.closed(CloseReason.CLIENT_LOST);
    it.down(event(2));

    assertThat(old.packets).isEmpty();
    assertThat(it.link.packets).isEmpty();
    assertThat(it.shown()).containsExactly(REPLY, withOffset(1, 1), withOffset(2, 2));
    assertThat(it.waiting()).isEqualTo(2);
  }

  /** A slow upstream holds back whoever sends, or what waits for it had no bound. */
  @Test
  void nextTransportIsNotReadEitherWhileTheLinkIsSlow() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.link.taking = false;
    it.up("42[\"" + "x".repeat(2000) + "\"]");
    assertThat(it.transport.reading).isFalse();
    it.cut();
    it.resume(1, "tagtag.0");
    assertThat(it.transport.reading).isFalse();

    it.link.taking = true;
    it.upstream.writable();

    assertThat(it.transport.reading).isTrue();
    assertThat(it.link.packets).hasSize(1);
  }

  @Test
  void halfAPacketOfTheOldTransportIsForgotten() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.up("451-[\"up\",{}]");
    it.cut();
    it.resume(1, "tagtag.0");

    it.up(event(1));

    assertThat(it.link.packets).containsExactly(event(1));
    assertThat(it.pool.taken()).isZero();
  }

  @Test
  void binaryEventIsReplayedWithItsAttachments() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down("451-[\"bin\",{}]", "<a>", "452-1[\"call\",{},{}]", "<b>", "<c>");
    it.cut();

    it.resume(1, "tagtag.0");
    assertThat(it.transport.packets)
        .containsExactly(
            REPLY,
            "451-[\"bin\",{},\"tagtag.1\"]",
            "<a>",
            "452-1[\"call\",{},{}]",
            "<b>",
            "<c>",
            marker(2));
    it.cut();
    it.resume(1, "tagtag.1");

    assertThat(it.transport.packets)
        .containsExactly(REPLY, "452-1[\"call\",{},{}]", "<b>", "<c>", marker(2));
  }
}

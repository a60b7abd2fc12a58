package dev.holdfast.session;

import static dev.holdfast.session.Conversation.LEFT_WINDOW;
import static dev.holdfast.session.Conversation.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a session learns that its client has its first CONNECT reply, and so a pid. */
class FirstReplyTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String CONNECTED = "40{\"sid\":\"s\"}";
  private static final String REPLY = "40{\"sid\":\"s\",\"pid\":\"pid1\"}";

  private Conversation it = new Conversation(OffsetStyle.ARGUMENT);

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private void assertAwaited(Duration window) {
    it.cut();
    it.timers.pass(window.minusNanos(1));
    assertThat(it.session.isClosed()).isFalse();
    it.timers.pass(Duration.ofNanos(1));
    assertThat(it.heard).endsWith("ended resume-expired", "unparked");
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void silentClientIsAskedASecondLater(OffsetStyle style) throws ProtocolException {
    it = new Conversation(style);
    it.down(CONNECTED);
    it.down("42[\"a\"]");

    it.timers.pass(SECOND.minusNanos(1));
    assertThat(it.transport.pings).isZero();
    it.timers.pass(Duration.ofNanos(1));

    assertThat(it.transport.pings).isEqualTo(1);
    it.confirm();
    assertThat(it.waiting()).isZero();
    assertAwaited(WINDOW);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"42[\"mine\"]", "427[\"mine\"]", "451-[\"mine\",{}] <att>", "42[\"user-join\"]"})
  void eventOfTheClientSaysThatItHasItsPid(String event) throws ProtocolException {
    it.down(CONNECTED);

    it.up(event.split(" "));

    it.timers.pass(SECOND);
    assertThat(it.transport.pings).isZero();
    assertThat(it.timers.waiting()).isZero();
    assertAwaited(WINDOW);
  }

  /** A client sends none of these only because it has handled its CONNECT reply. */
  @ParameterizedTest
  @ValueSource(strings = {"430[]", "42/other,[\"mine\"]", "40/other,"})
  void otherPacketsSayNothingOfIt(String packet) throws ProtocolException {
    it.down(CONNECTED);

    it.up(packet);

    assertAwaited(LEFT_WINDOW);
  }

  @Test
  void eventFromBeforeTheReplySaysNothingOfIt() throws ProtocolException {
    it.up("42[\"early\"]");
    it.down(CONNECTED);

    it.timers.pass(SECOND);

    assertThat(it.transport.pings).isEqualTo(1);
    assertAwaited(LEFT_WINDOW);
  }

  @Test
  void clientThatIsAskedForManyBytesIsNotAskedAgain() throws ProtocolException {
    it.down(CONNECTED, "42[\"" + "x".repeat(3000) + "\"]");
    assertThat(it.transport.pings).isEqualTo(1);

    it.confirm();
    it.timers.pass(SECOND);

    assertThat(it.transport.pings).isEqualTo(1);
  }

  @Test
  void laterConnectReplyIsAskedForAtOnce() throws ProtocolException {
    it.connected();
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    int pings = it.transport.pings;

    it.down("40{\"sid\":\"s2\"}");

    assertThat(it.transport.pings).isEqualTo(pings + 1);
  }

  @Test
  void clientIsNotAskedAgainWhenALaterReplyHasAskedIt() throws ProtocolException {
    it.down(CONNECTED);
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down("40{\"sid\":\"s2\"}");
    assertThat(it.transport.pings).isEqualTo(1);

    it.timers.pass(SECOND);

    assertThat(it.transport.pings).isEqualTo(1);
    it.confirm();
    assertAwaited(WINDOW);
  }

  /** It may not have had the second reply; with the pid of the first it can come back. */
  @Test
  void eventAfterASecondReplySaysThatTheClientHasOneOfItsPids() throws ProtocolException {
    it.down(CONNECTED);
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down("40{\"sid\":\"s2\"}");

    it.up("42[\"mine\"]");

    assertAwaited(WINDOW);
  }

  @Test
  void clientThatConnectsAgainIsAskedASecondLaterToo() throws ProtocolException {
    it.down(CONNECTED);
    it.up("42[\"mine\"]");
    it.up("41", "40{\"token\":\"t\"}");
    it.down("40{\"sid\":\"s2\"}");

    assertThat(it.transport.pings).isZero();
    it.timers.pass(SECOND);

    assertThat(it.transport.pings).isEqualTo(1);
    assertAwaited(LEFT_WINDOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"41", "44{\"message\":\"no\"}"})
  void clientThatItsUpstreamSendsAwayIsNotAsked(String refusal) throws ProtocolException {
    it.down(CONNECTED);
    it.down(refusal);

    it.timers.pass(SECOND);

    assertThat(it.transport.pings).isZero();
  }

  @ParameterizedTest
  @CsvSource({",2", "tagtag.0,2", "tagtag.1,1"})
  void clientThatIsCutWithinTheSecondMissesNothing(String offset, int missed)
      throws ProtocolException {
    it.down(CONNECTED, "42[\"a\"]");
    it.timers.pass(SECOND.dividedBy(2));
    it.cut();
    it.down("42[\"b\"]");

    assertThat(it.resume(1, offset)).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).hasSize(1 + missed).startsWith(REPLY).endsWith("42[\"b\",\"tagtag.2\"]");
    assertThat(it.transport.pings).isEqualTo(1);
    it.timers.pass(SECOND);
    assertThat(it.transport.pings).isEqualTo(1);
    assertAwaited(WINDOW);
  }

  @Test
  void clientThatIsCutOffIsNotAsked() throws ProtocolException {
    it.down(CONNECTED);

    it.cut();

    assertThat(it.timers.waiting()).as("its window").isEqualTo(1);
    assertAwaited(LEFT_WINDOW);
  }

  @Test
  void sessionIsGivenAwayWithinTheSecond() throws ProtocolException {
    it.transport.successor = Optional.of("b");
    it.down(CONNECTED);

    it.session.handOff(true);
    assertThat(it.transport.pings).isEqualTo(1);
    it.confirm();
    it.client.takenOver();

    assertThat(it.heard).contains("handed off to b", "ended handed-off");
    assertThat(it.snapshot).isNotNull().extracting(SessionSnapshot::known).isEqualTo(true);
  }

  @Test
  void sessionThatEndsWithinTheSecondLeavesNoTimer() throws ProtocolException {
    it.down(CONNECTED);

    it.session.close(CloseReason.DRAINED);

    assertThat(it.timers.waiting()).isZero();
  }
}

package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets, and where a client that names one goes on. */
class OffsetTest {
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

  @Test
  void connectReplyBringsPidAndOffsetInOneWrite() throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);

    it.down("40{\"sid\":\"s\"}");

    assertThat(it.transport.packets).containsExactly(REPLY, marker(0));
    assertThat(it.transport.writes).hasSize(1);
  }

  @Test
  void eventTakesItsOffsetAsLastArgument() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);

    it.down(event(1), "42[\"text\",\"end\"]", "42[\"bare\"]");

    assertThat(it.transport.packets)
        .containsExactly(
            withOffset(1, 1), "42[\"text\",\"end\",\"tagtag.2\"]", "42[\"bare\",\"tagtag.3\"]");
  }

  @Test
  void markerLeavesInTheSameWriteAsItsEvent() throws ProtocolException {
    begin(OffsetStyle.MARKER);

    it.down(event(1));
    it.down(event(2));

    assertThat(it.transport.packets).containsExactly(event(1), marker(1), event(2), marker(2));
    assertThat(it.transport.writes).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void callAndWhatTakesNoArgumentGetAMarker(OffsetStyle style) throws ProtocolException {
    begin(style);

    it.down("427[\"call\",{}]", "451-8[\"bin\",{}]", "<a>", "451-[{}]", "<b>");

    assertThat(it.transport.packets)
        .containsExactly(
            "427[\"call\",{}]",
            marker(1),
            "451-8[\"bin\",{}]",
            "<a>",
            marker(2),
            "451-[{}]",
            "<b>",
            marker(3));
  }

  @Test
  void binaryEventTakesItsOffsetAsLastArgumentOfItsText() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);

    it.down("451-[\"bin\",{}]", "<a>", event(2), "452-[\"two\",{},{},\"end\"]", "<b>", "<c>");

    assertThat(it.transport.packets)
        .containsExactly(
            "451-[\"bin\",{},\"tagtag.1\"]",
            "<a>",
            withOffset(2, 2),
            "452-[\"two\",{},{},\"end\",\"tagtag.3\"]",
            "<b>",
            "<c>");
    it.confirm();
    assertThat(it.waiting()).isZero();
  }

  /** Every length of frame header, with what the offset adds to it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 80, 95, 96, 97, 98, 99, 110, 125, 126, 4000})
  void binaryEventOfAnyLengthTakesItsOffset(int length) throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    String start = "451-[\"bin\",{},\"" + "x".repeat(length);

    it.down(start + "\"]");
    it.down("<" + "a".repeat(length) + ">");

    assertThat(it.transport.packets)
        .containsExactly(start + "\",\"tagtag.1\"]", "<" + "a".repeat(length) + ">");
  }

  @Test
  void binaryEventHasAMarkerWhereEventsHave() throws ProtocolException {
    begin(OffsetStyle.MARKER);

    it.down("451-[\"bin\",{}]", "<a>");

    assertThat(it.transport.packets).containsExactly("451-[\"bin\",{}]", "<a>", marker(1));
  }

  @Test
  void clientWithTheOffsetOfABinaryEventGoesOnBehindItsAttachments() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down("452-[\"bin\",{},{}]", "<a>", "<b>", event(2));
    it.cut();

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);

    assertThat(it.transport.packets).containsExactly(REPLY, withOffset(2, 2));
    assertThat(it.waiting()).isEqualTo(1);
  }

  @Test
  void answersHaveNoOffset() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);

    it.down("461-0[{}]", "<att>", "430[]", "451-/other,[\"e\",{}]", "<att>", "42[{}]");

    assertThat(it.transport.packets)
        .containsExactly(
            "461-0[{}]", "<att>", "430[]", "451-/other,[\"e\",{}]", "<att>", "42[{}]", marker(1));
  }

  @Test
  void smallEventsShareAMarker() throws ProtocolException {
    begin(OffsetStyle.MARKER);

    it.down(event(1), event(2), event(3), "421[\"call\"]", event(4));

    assertThat(it.transport.packets)
        .containsExactly(
            event(1), event(2), event(3), "421[\"call\"]", marker(4), event(4), marker(5));
  }

  @Test
  void runOfEventsThatShareAMarkerIsNoLongerThanASegment() throws ProtocolException {
    begin(OffsetStyle.MARKER);
    String half = "42[\"" + "x".repeat(590) + "\"]";
    String large = "42[\"" + "x".repeat(2000) + "\"]";

    it.down(half, half, half, large, large, event(1));

    // The first block of an outbox is a small one, and ends with a marker, too.
    assertThat(it.transport.packets)
        .containsExactly(
            half, marker(1), half, half, marker(3), large, marker(4), large, marker(5), event(1),
            marker(6));
  }

  /** Without it an offset that a stranger's string overwrote would stay in the client. */
  @Test
  void clientThatMissedNothingIsToldItsOffsetAgain() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1));
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));
    it.cut();

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);

    assertThat(it.transport.packets).containsExactly(REPLY, marker(1));
    assertThat(it.replayed).isZero();
  }

  /** A client that was cut before the first offset names none. */
  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void pidWithoutOffsetGoesOnAtTheStart(OffsetStyle style) throws ProtocolException {
    it = new Conversation(style);
    it.down("40{\"sid\":\"s\"}", event(1));
    it.cut();

    assertThat(it.resume(1, null)).isEqualTo(Result.RECOVERED);

    assertThat(it.transport.packets).startsWith(REPLY, marker(0));
    assertThat(it.transport.packets).filteredOn(packet -> packet.startsWith("40")).hasSize(1);
    assertThat(it.replayed).isEqualTo(1);
  }

  /** Its offset is that of another session, since a new pid does not reset it. */
  @Test
  void offsetOfAnEarlierSessionGoesOnAtTheStartWhileNothingIsConfirmed() throws ProtocolException {
    it = new Conversation(OffsetStyle.ARGUMENT);
    it.down("40{\"sid\":\"s\"}", event(1));
    it.cut();

    assertThat(it.resume(1, "older1.9")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).containsExactly(REPLY, withOffset(1, 1));
  }

  /** A handler that throws leaves the offset of the event before. */
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"tagtag.0", "tagtag.1"})
  void offsetBelowWhatIsKeptIsNotRecoverable(String offset) throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1), event(2));
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));
    it.down(event(3));
    it.cut();

    assertThat(it.resume(1, offset)).isEqualTo(Result.TRIMMED);

    assertThat(it.session.isClosed()).as("a newer connection may be on its way").isFalse();
    it.session.close(CloseReason.RESUME_EXPIRED);
    it.assertNothingLeft();
  }

  /** A late CONNECT of an older connection must not end the session of the client that is here. */
  @Test
  void claimOfBeforeWhatWasConfirmedChangesNothing() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1), event(2));
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.GIVEN_UP);

    it.down(event(3));
    assertThat(it.shown()).endsWith(withOffset(3, 3));
  }

  /** Otherwise a handler that throws would cost the events behind it. */
  @Test
  void confirmedEventsStayAWhileForAnOldOffset() throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1), event(2), event(3));
    it.confirm();
    it.timers.pass(Conversation.KEPT.minusNanos(1));
    it.cut();

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).containsExactly(REPLY, withOffset(2, 2), withOffset(3, 3));
    assertThat(it.waiting()).isZero();
    it.confirm();
    assertThat(it.waiting()).isZero();
  }

  /** Socket.io-client takes any last string for an offset, until ours follows. */
  @Test
  void lastStringOfAnEventIsAnOffsetToo() throws ProtocolException {
    begin(OffsetStyle.MARKER);
    it.down("42[\"a\",\"same\"]", event(2), "42[\"b\",\"same\"]", event(4), "42[\"c\",\"other\"]");
    it.cut();

    assertThat(it.resume(1, "same")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown())
        .containsExactly(REPLY, event(2), "42[\"b\",\"same\"]", event(4), "42[\"c\",\"other\"]");
  }

  /** The event that the string came from is gone by then. */
  @Test
  void lastStringOfAnEventIsAnOffsetASecondTime() throws ProtocolException {
    begin(OffsetStyle.MARKER);
    it.down("42[\"a\",\"same\"]");
    it.confirm();
    it.down("42[\"b\",\"text\"]", event(3));
    it.cut();
    it.resume(1, "text");
    it.cut();
    it.down("42[\"c\",\"text\"]");

    assertThat(it.resume(1, "text")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).containsExactly(REPLY, event(3), "42[\"c\",\"text\"]");
  }

  @Test
  void lastStringOfACallIsNoOffset() throws ProtocolException {
    begin(OffsetStyle.MARKER);
    it.down("42[\"a\"]", "421[\"call\",\"text\"]", "42[\"b\",\"text\"]", event(4));
    it.cut();

    it.resume(1, "text");

    assertThat(it.shown()).containsExactly(REPLY, "421[\"call\",\"text\"]", event(4));
  }

  @ParameterizedTest
  @CsvSource({
    "tagtag.9",
    "tagtag.",
    "tagtag.x1",
    "tagtag.99999999999999999999999",
    "other1.1",
    "x",
    "''",
    "ä",
  })
  void unknownOffsetIsNoErrorButEndsTheSession(String offset) throws ProtocolException {
    begin(OffsetStyle.ARGUMENT);
    it.down(event(1));
    it.cut();

    assertThat(it.resume(1, offset)).isEqualTo(Result.UNKNOWN);

    assertThat(it.heard).contains("ended superseded", "given up 1 superseded");
    assertThat(it.link.closed).contains(CloseReason.SUPERSEDED);
  }
}

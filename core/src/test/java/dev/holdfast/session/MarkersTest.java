package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A write may be all that a client gets and confirms before its connection breaks, as the answer to
 * one poll is: whatever is sent by itself ends with the place where the client is then.
 */
class MarkersTest {
  private static final String MARKER = "42[\"~o\",\"tagtag.";

  /** More small events than one block of an outbox takes, each ending with the same text. */
  private static final String[] EVENTS =
      IntStream.rangeClosed(1, 60)
          .mapToObj(n -> "42[\"word\"," + n + ",\"\"]")
          .toArray(String[]::new);

  @Test
  void eachBlockOfEventsThatShareAMarkerEndsWithOne() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.MARKER);

    it.down(EVENTS);

    assertThat(it.shown()).containsExactly(EVENTS);
    assertEachWriteSaysWhereItEnds(it.transport);
  }

  @Test
  void eachBlockThatIsSentAgainEndsWithAMarker() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.MARKER);
    it.cut();
    it.down(EVENTS);

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).endsWith(EVENTS);
    assertEachWriteSaysWhereItEnds(it.transport);
    assertThat(it.waiting()).isEqualTo(EVENTS.length);
  }

  @Test
  void clientThatGotOneBlockOfAReplayMissesNothingOfTheNext() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.MARKER);
    it.cut();
    it.down(EVENTS);
    it.resume(1, "tagtag.0");
    String first = new String(it.transport.writes.get(0), StandardCharsets.UTF_8);
    String offset = first.replaceFirst("(?s).*\"(tagtag\\.\\d+)\".*", "$1");
    int got = Integer.parseInt(offset.substring("tagtag.".length()));
    it.client.acknowledged(it.transport.writes.get(0).length);
    it.cut();

    assertThat(it.resume(1, offset)).isEqualTo(Result.RECOVERED);

    assertThat(got).isBetween(1, EVENTS.length - 1);
    assertThat(it.shown().subList(1, it.shown().size()))
        .containsExactly(Arrays.copyOfRange(EVENTS, got, EVENTS.length));
  }

  /** Each of them says itself where the client is, first and again. */
  @Test
  void binaryEventsNeedNoMarkerWhereOffsetsAreArguments() throws ProtocolException {
    Conversation it = Conversation.live(OffsetStyle.ARGUMENT);
    it.cut();
    for (int i = 0; i < EVENTS.length; i++) {
      it.down("451-[\"word\",{}]", "<a>");
    }

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);
    it.down("451-[\"word\",{}]", "<a>");

    assertThat(it.transport.packets).hasSize(1 + 2 * (EVENTS.length + 1));
    assertThat(it.transport.packets).noneMatch(packet -> packet.startsWith(MARKER));
    assertThat(it.transport.packets.get(2 * EVENTS.length + 1))
        .isEqualTo("451-[\"word\",{},\"tagtag." + (EVENTS.length + 1) + "\"]");
  }

  private static void assertEachWriteSaysWhereItEnds(FakeConnection transport) {
    assertThat(transport.writes).hasSizeGreaterThan(1);
    for (byte[] write : transport.writes) {
      String frames = new String(write, StandardCharsets.UTF_8);
      assertThat(frames.substring(frames.lastIndexOf("42["))).startsWith(MARKER);
    }
    int events = 0;
    for (String packet : transport.packets) {
      events += packet.startsWith("42[\"word\"") ? 1 : 0;
      if (packet.startsWith(MARKER)) {
        assertThat(packet).isEqualTo(MARKER + events + "\"]");
      }
    }
  }
}

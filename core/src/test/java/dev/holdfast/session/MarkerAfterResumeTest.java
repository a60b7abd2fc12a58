package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that may be one that never comes back sees no event of ours until it does. */
class MarkerAfterResumeTest {
  private static final String MARKER = "42[\"~o\",\"tagtag.";
  private static final String REPLY = "40{\"sid\":\"s\",\"pid\":\"pid1\"}";

  /** More small events than one block of an outbox takes. */
  private static final String[] EVENTS =
      IntStream.rangeClosed(1, 60)
          .mapToObj(n -> "42[\"word\"," + n + ",\"\"]")
          .toArray(String[]::new);

  private Conversation it = new Conversation(OffsetStyle.MARKER_AFTER_RESUME);

  @Test
  void nothingButTheUpstreamsPacketsComesBeforeTheFirstResume() throws ProtocolException {
    it.down("40{\"sid\":\"s\"}");
    it.down(EVENTS);
    it.down("42[\"e\"]", "427[\"call\"]", "451-[\"b\",{}]", "<a>");
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down("40{\"sid\":\"s2\"}");
    it.down("42[\"e\"]");

    List<String> expected = new ArrayList<>(List.of(REPLY));
    expected.addAll(Arrays.asList(EVENTS));
    expected.addAll(List.of("42[\"e\"]", "427[\"call\"]", "451-[\"b\",{}]", "<a>"));
    expected.add("40{\"sid\":\"s2\",\"pid\":\"pid2\"}");
    expected.add("42[\"e\"]");
    assertThat(it.transport.packets).isEqualTo(expected);
  }

  /** What such a client names is the end of any event, or an offset of an earlier session. */
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "confirmed", "twice", "lost", "othertag.3", "tagtag.0", "tagtag.9"})
  void firstResumeGoesOnBehindWhatWasConfirmed(@Nullable String offset) throws ProtocolException {
    it.connected();
    it.down("42[\"a\",\"confirmed\"]", "42[\"a\",\"twice\"]");
    it.confirm();
    it.down("42[\"b\"]", "42[\"b\",\"twice\"]");
    it.cut();
    it.down("42[\"c\",\"lost\"]");

    assertThat(it.resume(1, offset)).isEqualTo(Result.RECOVERED);

    assertThat(it.shown())
        .containsExactly(REPLY, "42[\"b\"]", "42[\"b\",\"twice\"]", "42[\"c\",\"lost\"]");
    assertThat(it.waiting()).isEqualTo(3);
  }

  @Test
  void eachWriteOfTheReplayEndsWithAMarker() throws ProtocolException {
    it.connected();
    it.cut();
    it.down(EVENTS);

    assertThat(it.resume(1, null)).isEqualTo(Result.RECOVERED);

    assertThat(it.shown()).endsWith(EVENTS);
    assertThat(it.transport.writes).hasSizeGreaterThan(1);
    for (byte[] write : it.transport.writes) {
      String frames = new String(write, StandardCharsets.UTF_8);
      assertThat(frames.substring(frames.lastIndexOf("42["))).startsWith(MARKER);
    }
    assertThat(it.transport.packets.subList(0, 2))
        .containsExactly(REPLY, MARKER + EVENTS.length + "\"]");
  }

  /** Wherever the second cut comes, what is missing comes once. */
  @Test
  void secondCutAfterAnyPacketCostsAndRepeatsNothing() throws ProtocolException {
    for (int cut = 0; cut <= EVENTS.length + 4; cut++) {
      it = new Conversation(OffsetStyle.MARKER_AFTER_RESUME);
      it.connected();
      it.cut();
      it.down(EVENTS);
      it.down("428[\"call\"]");
      it.resume(1, null);
      List<String> sent = it.transport.packets;
      List<String> got = sent.subList(0, Math.min(cut, sent.size()));
      String offset = null;
      List<String> handled = new ArrayList<>();
      List<String> sinceOffset = new ArrayList<>();
      for (String packet : got) {
        if (packet.startsWith(MARKER)) {
          offset = packet.substring("42[\"~o\",\"".length(), packet.length() - 2);
          sinceOffset.clear();
        } else if (packet.startsWith("42")) {
          handled.add(packet);
          sinceOffset.add(packet);
        }
      }
      it.cut();

      assertThat(it.resume(1, offset)).isEqualTo(Result.RECOVERED);

      handled.removeAll(sinceOffset);
      handled.addAll(it.shown().subList(1, it.shown().size()));
      assertThat(handled).as("cut behind %d", cut).startsWith(EVENTS).hasSize(EVENTS.length + 1);
    }
  }

  @Test
  void eventsBehindTheFirstResumeHaveMarkers() throws ProtocolException {
    it.connected();
    it.down("42[\"a\"]");
    it.cut();
    it.resume(1, null);
    it.transport.forget();

    it.down("42[\"b\"]");

    assertThat(it.transport.packets).containsExactly("42[\"b\"]", MARKER + "3\"]");
  }

  @Test
  void secondReplyThatTheClientHasMissedCountsToo() throws ProtocolException {
    it.connected();
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down("40{\"sid\":\"s2\"}", "42[\"a\"]");
    it.cut();

    assertThat(it.resume(1, null)).isEqualTo(Result.RECOVERED);

    assertThat(it.transport.packets)
        .containsExactly(
            REPLY,
            MARKER + "2\"]",
            "40{\"sid\":\"s2\",\"pid\":\"pid2\"}",
            MARKER + "3\"]",
            "42[\"a\"]",
            MARKER + "4\"]");
  }

  @Test
  void nextNodeKeepsQuietToo() throws ProtocolException {
    it.connected();
    it.transport.successor = Optional.of("b");
    it.session.handOff(true);
    it.confirm();
    it.client.takenOver();
    Conversation next = new Conversation(Objects.requireNonNull(it.snapshot));

    next.down("42[\"a\"]");
    assertThat(next.transport.packets).containsExactly("42[\"a\"]");
    next.cut();

    assertThat(next.resume(1, "othertag.5")).isEqualTo(Result.RECOVERED);
    assertThat(next.shown()).containsExactly(REPLY, "42[\"a\"]");
    assertThat(next.transport.packets).last().asString().startsWith(MARKER);
  }

  @Test
  void nextNodeGoesOnWithMarkersOfAClientThatHasResumed() throws ProtocolException {
    it.connected();
    it.cut();
    it.resume(1, null);
    it.confirm();
    it.transport.successor = Optional.of("b");
    it.session.handOff(true);
    it.confirm();
    it.client.takenOver();
    Conversation next = new Conversation(Objects.requireNonNull(it.snapshot));

    next.down("42[\"a\"]");

    assertThat(next.transport.packets).containsExactly("42[\"a\"]", MARKER + "1\"]");
  }

  @Test
  void sessionEndsWithItsTransportIfItMayNotBeParked() throws ProtocolException {
    it.connected();
    it.mayPark = false;

    it.cut();

    assertThat(it.heard).containsExactly("ended client-lost");
    it.assertNothingLeft();
  }
}

package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a move by fences ends, if not as it should. */
class FencedSwitchoverEndTest extends FencedConversation {
  FencedSwitchoverEndTest() throws ProtocolException {}

  @Test
  void textIsNotTornWhenTheNextLinkIsLateForAsLongAsLinksOverlap() throws ProtocolException {
    overlap();
    nextStands = true;
    int words = (int) Conversation.OVERLAP.dividedBy(250).toMillis();
    for (int said = 0; said < words; said++) {
      bring(true, word(said));
      if (said >= words / 2) {
        it.next(word(said - words / 2));
      }
      run(Duration.ofMillis(250));
    }
    run(LAG);
    assertThat(it.heard).contains("moved OUT_OF_TIME");

    for (int said = words / 2; said < words + 2; said++) {
      it.next(word(said));
    }

    List<String> shown = it.shown().stream().filter(packet -> packet.contains("word")).toList();
    assertThat(shown).hasSize(words + 2);
    assertThat(shown.get(words + 1)).contains(word(words + 1).substring(0, 14));
  }

  private static String word(int number) {
    return "42[\"a\",\"word" + number + "\"]";
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatOnlyTheNextLinkHasBroughtIsKnownWhenBothBreak(boolean nextFirst)
      throws ProtocolException {
    it.down("420[\"wait\"]");
    overlap();
    for (int said = 0; said < 60; said++) {
      sayOnBoth("ha");
    }
    bring(false, "42[\"a\",\"ha\"]", "42[\"a\",\"end\"]");

    if (nextFirst) {
      it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
      first.closed(CloseReason.UPSTREAM_CLOSED);
    } else {
      first.closed(CloseReason.UPSTREAM_CLOSED);
      it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    }

    assertThat(it.shown().stream().filter(packet -> packet.contains("\"a\""))).hasSize(62);
    assertThat(it.heard).doesNotContain("moved LINK_LOST", "both links lost");
  }

  @Test
  void overlapEndsInTimeThoughNoFenceComes() throws ProtocolException {
    oldStands = true;
    overlap();
    it.down("42[\"a\",1]");
    run(Conversation.OVERLAP.minusMillis(50));
    assertThat(it.heard).doesNotContain("moved OUT_OF_TIME");

    run(Duration.ofMillis(100));

    assertThat(it.heard).contains("moved OUT_OF_TIME");
  }

  @Test
  void whatOnlyTheNextLinkHasBroughtIsKeptUntilTheOldOneHasAnswered() throws ProtocolException {
    it.down("420[\"wait\"]");
    overlap();
    for (int said = 0; said < 60; said++) {
      sayOnBoth("ha");
    }
    oldStands = true;
    bring(false, "42[\"a\",\"end\"]");
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    run(LAG.multipliedBy(3));
    first.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.shown().stream().filter(packet -> packet.contains("\"a\""))).hasSize(61);
  }

  /** How a move can end. */
  enum End {
    SWITCHED,
    NEXT_LOST_EARLY,
    NEXT_LOST,
    OLD_LOST,
    CLOSED,
    CLIENT_CONNECTS_AGAIN
  }

  @ParameterizedTest
  @EnumSource
  void linkThatGoesOnLeavesTheDocument(End end) throws ProtocolException {
    if (end == End.NEXT_LOST_EARLY) {
      it.session.move(true);
      run(LAG);
    } else {
      overlap();
      run(LAG.dividedBy(2));
    }
    switch (end) {
      case SWITCHED -> run(LAG.multipliedBy(2));
      case NEXT_LOST, NEXT_LOST_EARLY -> it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
      case OLD_LOST -> first.closed(CloseReason.UPSTREAM_CLOSED);
      case CLOSED -> it.session.close(CloseReason.KICKED);
      case CLIENT_CONNECTS_AGAIN -> it.up("40{\"token\":\"t\"}");
    }

    Stream<FakeConnection> left =
        switch (end) {
          case NEXT_LOST, NEXT_LOST_EARLY -> Stream.of(it.link);
          case OLD_LOST -> Stream.of(it.nextLink);
          default -> Stream.of(it.link, it.nextLink);
        };
    assertThat(left)
        .allSatisfy(
            connection ->
                assertThat(connection.packets).anyMatch(it -> it.contains("document:leave")));
  }

  @Test
  void answersThatComeBehindTheLeavingAreTakenOutAndThenNothingIs() throws ProtocolException {
    overlap();
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]");
    run(LAG.multipliedBy(3));
    assertThat(it.heard).contains("moved ALIGNED");
    int shown = it.shown().size();

    run(LAG);
    assertThat(it.shown()).hasSize(shown);
    bring(false, JOINED.formatted(document));

    assertThat(it.shown())
        .as("the document is left: what names it is somebody else's")
        .hasSize(shown + 1);
  }
}

package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Answers that wait while a session moves reach whoever has asked, once, whatever interrupts it.
 */
class LinkSwitchoverAnswersTest {
  private static final Duration LAG = Conversation.LAG;
  private static final String CALL = "421[\"confirm\"]";
  private static final String HALF_EVENT = "451-[\"half\",{}]";
  private static final String REST = "<half>";

  /** What waits, for whom and why. */
  enum Waiting {
    /** The old link takes nothing when its call is answered, before the move. */
    BEFORE,
    /** The old link takes nothing when its call is answered, while both links are there. */
    BESIDE,
    /** An attachment of the answer to the old link's call has not come. */
    PART,
    /** The old link is within an event when the next one answers the client. */
    DOWN,
    /** The same with an attachment. */
    DOWN_BINARY;

    private List<String> answer() {
      return switch (this) {
        case BEFORE, BESIDE -> List.of("431[true]");
        case PART -> List.of("461-1[{}]", "<yes>");
        case DOWN -> List.of("435[1]");
        case DOWN_BINARY -> List.of("461-5[{}]", "<yes>");
      };
    }

    private String[] packets() {
      return answer().toArray(String[]::new);
    }

    private boolean isOfClient() {
      return this == BEFORE || this == BESIDE || this == PART;
    }
  }

  /** What happens to the move meanwhile. */
  enum Interruption {
    NOTHING,
    NEXT_LOST,
    NEXT_LOST_LONG_AGO,
    NEXT_LOST_AND_MOVED_AGAIN,
    NEXT_LOST_TWICE,
    NEXT_LOST_AND_SECOND_CANNOT_BE_OPENED,
    NEXT_LOST_AND_MOVED,
    OLD_LOST,
    BOTH_LOST,
    OLD_LOST_IN_THE_SECOND_MOVE,
    CLIENT_GONE_AND_BACK;

    private boolean isOldLost() {
      return this == OLD_LOST || this == BOTH_LOST || this == OLD_LOST_IN_THE_SECOND_MOVE;
    }
  }

  private final Conversation it;

  LinkSwitchoverAnswersTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private void nextLost() {
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    assertThat(it.heard).contains("moved STAYED");
  }

  private void oldLost() {
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
  }

  private void oldTakes(boolean taking) {
    it.link.taking = taking;
    if (taking && it.link.closed.isEmpty()) {
      it.upstream.writable();
    }
  }

  /** So long that the links are aligned, if they can be. */
  private void align() {
    it.confirm();
    it.timers.pass(LAG.multipliedBy(3));
  }

  private void begin(Waiting what) throws ProtocolException {
    switch (what) {
      case BEFORE -> {
        it.down(CALL);
        oldTakes(false);
        it.up("431[true]");
        it.overlap();
      }
      case BESIDE -> {
        it.down(CALL);
        it.overlap();
        oldTakes(false);
        it.up("431[true]");
      }
      case PART -> {
        it.down(CALL);
        it.overlap();
        it.up("461-1[{}]");
      }
      case DOWN, DOWN_BINARY -> {
        it.overlap();
        it.up("425[\"question\"]");
        it.down(HALF_EVENT);
        it.next(what.packets());
      }
    }
    assertThat(answers(what)).isEmpty();
  }

  private void interrupt(Interruption how) throws ProtocolException {
    switch (how) {
      case NOTHING -> align();
      case OLD_LOST -> oldLost();
      case CLIENT_GONE_AND_BACK -> {
        it.cut();
        it.resume(2, "tagtag.1");
      }
      default -> {
        nextLost();
        goOnWithoutNext(how);
      }
    }
  }

  private void goOnWithoutNext(Interruption how) throws ProtocolException {
    switch (how) {
      case NEXT_LOST_LONG_AGO -> it.timers.pass(LAG.multipliedBy(2));
      case NEXT_LOST_AND_MOVED_AGAIN -> it.overlap();
      case NEXT_LOST_TWICE -> {
        it.overlap();
        nextLost();
      }
      case NEXT_LOST_AND_SECOND_CANNOT_BE_OPENED -> {
        assertThat(it.session.move(true)).isTrue();
        it.timers.pass(LAG);
        it.nextUpstream.closed(CloseReason.UPSTREAM_UNAVAILABLE);
      }
      case NEXT_LOST_AND_MOVED -> {
        it.overlap();
        align();
      }
      case BOTH_LOST -> oldLost();
      case OLD_LOST_IN_THE_SECOND_MOVE -> {
        it.overlap();
        oldLost();
      }
      default -> assertThat(how).isEqualTo(Interruption.NEXT_LOST);
    }
  }

  /** Whoever is in the middle of something goes on. */
  private void goOn(Waiting what, Interruption how) throws ProtocolException {
    if (what.isOfClient()) {
      boolean again = how == Interruption.CLIENT_GONE_AND_BACK;
      if (what == Waiting.PART) {
        it.up(again ? what.packets() : new String[] {what.answer().get(1)});
      }
      oldTakes(true);
    } else if (!how.isOldLost() && it.link.closed.isEmpty()) {
      it.down(REST);
    }
    align();
  }

  private List<String> answers(Waiting what) {
    List<String> packets = what.isOfClient() ? it.link.packets : it.shown();
    return packets.stream().filter(what.answer()::contains).toList();
  }

  private static Stream<Arguments> orders() {
    return Stream.of(Waiting.values())
        .flatMap(what -> Stream.of(Interruption.values()).map(how -> Arguments.of(what, how)));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void answersThatWaitReachWhoHasAskedOnce(Waiting what, Interruption how)
      throws ProtocolException {
    begin(what);
    List<String> before = answers(what);
    interrupt(how);
    goOn(what, how);

    boolean askerGone = what.isOfClient() && how.isOldLost();
    assertThat(answers(what)).isEqualTo(askerGone ? before : what.answer());
    Stream.of(it.nextLink, it.uplink)
        .filter(link -> !link.equals(it.link))
        .forEach(link -> assertThat(link.packets).doesNotContainAnyElementsOf(what.answer()));
    assertThat(it.session.isClosed()).isFalse();
  }

  @Test
  void sessionWithAnAnswerThatWaitsIsNotGivenAway() throws ProtocolException {
    it.transport.successor = Optional.of("b");
    begin(Waiting.BESIDE);
    nextLost();

    it.session.handOff(true);
    it.confirm();
    assertThat(it.snapshot).isNull();
    oldTakes(true);
    it.confirm();

    assertThat(it.snapshot).isNotNull();
    assertThat(it.link.packets).containsExactlyElementsOf(Waiting.BESIDE.answer());
  }

  @Test
  void answerThatComesWithTheEndOfTheConnectionStillGoesUp() throws ProtocolException {
    it.down(CALL);
    it.overlap();

    it.up("431[true]", "41");

    assertThat(it.link.packets).containsExactly("431[true]");
    assertThat(it.nextLink.packets).endsWith("41").doesNotContain("431[true]");
  }

  @Test
  void manyAnswersThatWaitKeepTheirOrder() throws ProtocolException {
    it.overlap();
    it.down(HALF_EVENT);
    List<String> many = new ArrayList<>();
    IntStream.range(0, 1500).forEach(id -> many.add("43" + id + "[1]"));
    it.next(many.toArray(String[]::new));

    it.down(REST);

    assertThat(it.shown()).endsWith(many.toArray(String[]::new));
  }
}

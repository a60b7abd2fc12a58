package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.LinkFence.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FencedAlignerTest {
  private static final int APART = 100;
  private static final long UNTIL = Duration.ofSeconds(100).toNanos();

  private final FencedAligner aligner = new FencedAligner();
  private final List<String> brought = new ArrayList<>();
  private long number;
  private long millis;

  private static Fingerprint word(String word) {
    return new Fingerprint(1, word.hashCode());
  }

  private void old(String words) {
    for (String word : List.of(words.split(" ", -1))) {
      aligner.brought(Link.OLD, word(word));
    }
  }

  private void next(String words) {
    for (String word : List.of(words.split(" ", -1))) {
      aligner.brought(Link.NEXT, word(word));
      brought.add(word);
    }
  }

  /** Fences over both links, in turn, which both show behind what they have brought. */
  private void fences(int each, int apart) {
    for (int i = 0; i < each; i++) {
      millis += apart;
      fence(Link.OLD);
      fence(Link.NEXT);
    }
  }

  private void fencesOverNext() {
    for (int i = 0; i < FencedStream.MARGIN; i++) {
      millis += APART;
      fence(Link.NEXT);
    }
  }

  private void fence(Link over) {
    aligner.sent(++number, over);
    aligner.seen(over, number, over, Duration.ofMillis(millis).toNanos());
    aligner.seen(over == Link.OLD ? Link.NEXT : Link.OLD, number, over, 0);
  }

  /** What of the next link is delivered; empty if that is not certain. */
  private Optional<String> delivered() {
    return aligner.certain(UNTIL).map(this::text);
  }

  private String text(Alignment alignment) {
    List<String> news = new ArrayList<>();
    for (int i = 0; i < brought.size(); i++) {
      if (!alignment.isRepeat(i)) {
        news.add(brought.get(i));
      }
    }
    return String.join(" ", news);
  }

  @Test
  void alignmentIsCertainWhenFiveObservationsContradictEachOther() {
    old("ha ha ha ha");
    next("ha ha");
    aligner.joined(true);

    fences(FencedStream.MARGIN - 1, APART);
    assertThat(delivered()).isEmpty();

    fences(1, APART);
    assertThat(delivered()).contains("");
  }

  @Test
  void fencesCloserThan60MillisecondsAreOneObservation() {
    old("ha ha ha ha");
    next("ha ha");
    aligner.joined(true);

    fences(2 * FencedStream.MARGIN - 2, 50);
    assertThat(delivered()).isEmpty();

    fences(1, 50);
    assertThat(delivered()).contains("");
  }

  @Test
  void equalEventsAreAlignedByFencesAlone() {
    old("ha ha ha ha");
    next("ha ha");
    aligner.joined(true);
    fences(FencedStream.MARGIN, APART);
    next("ha ha ha");

    assertThat(delivered()).contains("ha ha ha");
  }

  @Test
  void textDecidesBetweenFences() {
    old("once upon");
    fences(FencedStream.MARGIN, APART);
    old("a time the cat sat on");
    next("time the cat sat");
    aligner.joined(true);
    fencesOverNext();
    old("the mat");
    assertThat(delivered()).as("four events more or less do not tell").isEmpty();

    next("on");
    assertThat(delivered()).contains("");
  }

  @Test
  void eventsOfOneLinkAloneAreDeliveredAndNotAwaited() {
    old("the mine cat sat");
    next("the yours cat sat");
    aligner.joined(true);
    fences(FencedStream.MARGIN, APART);
    next("on");

    assertThat(delivered()).contains("yours on");
    assertThat(aligner.certain(UNTIL).orElseThrow().awaits(0)).isFalse();
  }

  @Test
  void streamOfTheNextLinkAloneIsDeliveredWhole() {
    next("the cat sat");
    assertThat(delivered()).as("before the rooms are joined").isEmpty();

    aligner.joined(true);
    assertThat(delivered()).contains("the cat sat");
  }

  @Test
  void streamOfTheOldLinkAloneIsDecidedWhenFencesShowThatItDoesNotCome() {
    old("the cat");
    aligner.joined(true);
    old("sat");
    fences(FencedStream.MARGIN - 1, APART);
    assertThat(delivered()).isEmpty();

    fences(1, APART);
    assertThat(aligner.certain(UNTIL).orElseThrow().awaits(0)).isFalse();
  }

  @Test
  void nothingIsCertainWithoutFences() {
    old("the cat sat");
    next("cat sat on");
    aligner.joined(true);

    assertThat(delivered()).isEmpty();
  }

  @Test
  void oneStreamThatIsNotCertainIsWaitedFor() {
    old("ha ha ha ha");
    next("ha ha");
    fences(FencedStream.MARGIN, APART);
    aligner.brought(Link.OLD, new Fingerprint(2, 0));
    aligner.joined(true);
    assertThat(delivered()).isEmpty();

    fences(FencedStream.MARGIN, APART);
    assertThat(delivered()).contains("");
  }

  @Test
  void streamThatBeginsInJoinedRoomsNeedsNoFences() {
    aligner.joined(true);
    old("ha ha ha");
    next("ha ha");

    Alignment alignment = aligner.certain(UNTIL).orElseThrow();

    assertThat(text(alignment)).isEmpty();
    assertThat(alignment.isLateRepeat(word("ha"), 0)).isTrue();
    assertThat(alignment.isLateRepeat(word("ha"), 0)).isFalse();
  }

  @Test
  void streamsThatBeginAgainAndAgainDelayNothing() {
    old("ha ha ha ha");
    next("ha ha");
    aligner.joined(true);
    fences(FencedStream.MARGIN, APART);

    for (int stream = 2; stream < 10; stream++) {
      aligner.brought(Link.OLD, new Fingerprint(stream, 0));
      assertThat(delivered()).contains("");
    }
  }

  @Test
  void streamThatBeginsInJoinedRoomsAndLooksOtherwiseNeedsFences() {
    aligner.joined(true);
    old("the cat");
    next("the dog");
    assertThat(delivered()).isEmpty();

    fences(2 * FencedStream.MARGIN, APART);
    assertThat(delivered()).contains("dog");
  }

  @Test
  void overtakenPublishDoesNotMoveTheAlignment() {
    aligner.sent(++number, Link.NEXT);
    old("ha ha ha");
    aligner.seen(Link.OLD, number, Link.NEXT, 0);
    old("ha");
    next("ha ha");
    aligner.joined(true);
    aligner.seen(Link.NEXT, number, Link.NEXT, 0);
    fences(FencedStream.MARGIN, APART);
    assertThat(delivered()).as("one of five observations is contradicted").isEmpty();

    fences(1, APART);
    next("ha ha ha");
    assertThat(delivered()).contains("ha ha ha");
  }

  @Test
  void lateRepetitionsAreDroppedOnce() {
    old("the cat");
    next("the cat");
    aligner.joined(true);
    fences(FencedStream.MARGIN, APART);
    old("sat on");

    Alignment alignment = aligner.certain(UNTIL).orElseThrow();

    assertThat(text(alignment)).isEmpty();
    assertThat(alignment.isLateRepeat(word("mat"), 0)).isFalse();
    assertThat(alignment.isLateRepeat(word("sat"), 0)).isTrue();
    assertThat(alignment.isLateRepeat(word("sat"), 0)).isFalse();
    assertThat(alignment.isLateRepeat(word("on"), 0)).isTrue();
    assertThat(alignment.awaits(0)).isFalse();
  }

  @Test
  void fenceIsOpenUntilBothLinksHaveShownIt() {
    aligner.sent(1, Link.OLD);
    aligner.sent(2, Link.NEXT);
    aligner.seen(Link.OLD, 1, Link.OLD, 0);
    aligner.seen(Link.OLD, 2, Link.NEXT, 0);
    assertThat(aligner.open(Link.OLD)).isOne();
    assertThat(aligner.isComplete(1)).isFalse();

    aligner.seen(Link.NEXT, 1, Link.OLD, 0);
    assertThat(aligner.open(Link.OLD)).isZero();
    assertThat(aligner.isComplete(1)).isTrue();
    assertThat(aligner.open(Link.NEXT)).isOne();
  }

  @Test
  void memoryIsBounded() {
    for (int i = 0; i < FencedAligner.MAX_EVENTS; i++) {
      aligner.brought(Link.OLD, word("w" + i));
    }
    assertThat(aligner.isFull()).isTrue();

    aligner.forgetBefore(FencedAligner.MAX_EVENTS - 1);
    assertThat(aligner.isFull()).isFalse();
    assertThat(aligner.isEmpty()).isFalse();

    aligner.forgetBefore(FencedAligner.MAX_EVENTS);
    assertThat(aligner.isEmpty()).isTrue();
  }

  @Test
  void fencesOfOtherSessionsBoundAsWell() {
    old("ha ha ha");
    next("ha ha");
    aligner.joined(true);
    next("ha");
    for (int i = 1; i <= 2 * FencedStream.MARGIN; i++) {
      Link over = i % 2 == 0 ? Link.OLD : Link.NEXT;
      long now = Duration.ofMillis(100L * i).toNanos();
      aligner.seen(Link.OLD, 1000 + i, over, now);
      aligner.seen(Link.NEXT, 1000 + i, over, now);
    }
    next("end");

    assertThat(delivered()).contains("end");
    assertThat(aligner.open(Link.OLD)).isZero();
  }

  @Test
  void fencesThatOneLinkAloneHasShownAreForgottenInTime() {
    old("ha");
    next("ha");
    aligner.joined(true);
    for (int i = 0; i < 10_000; i++) {
      aligner.seen(Link.OLD, i, Link.OLD, 0);
    }
    aligner.seen(Link.NEXT, 0, Link.OLD, 0);
    fences(FencedStream.MARGIN, APART);

    assertThat(delivered()).contains("");
  }
}

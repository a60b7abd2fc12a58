package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlignerTest {
  private static final Duration LAG = Duration.ofSeconds(1);
  private static final int JOINED = 1000;

  private final Aligner aligner = new Aligner(LAG);
  private final List<String> brought = new ArrayList<>();

  private static long nanos(int millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private static Fingerprint word(String word) {
    return new Fingerprint(1, word.hashCode());
  }

  private void linked() {
    aligner.linked();
    aligner.joined(nanos(JOINED));
  }

  private void old(int at, String words) {
    for (String word : List.of(words.split(" ", -1))) {
      aligner.old(word(word), nanos(at));
    }
  }

  private void next(int at, String words) {
    for (String word : List.of(words.split(" ", -1))) {
      aligner.next(word(word), nanos(at));
      brought.add(word);
    }
  }

  /** What of the new link is delivered; empty if that is not known. */
  private Optional<String> delivered(int now) {
    return aligner.only(nanos(now)).map(this::text);
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
  void newLinkIsDeliveredFromWhereTheOldOneIs() {
    old(900, "once upon a time");
    linked();
    old(1500, "the cat sat");
    next(1600, "the cat sat");
    next(2000, "on the mat");

    assertThat(delivered(2550)).isEmpty();
    assertThat(delivered(2650)).contains("on the mat");
  }

  @Test
  void nothingIsDecidedWhileTheTextMayBeAtTwoPlaces() {
    linked();
    old(1500, "ha ha ha ha");
    next(1700, "ha ha");

    assertThat(delivered(1800)).isEmpty();
    assertThat(delivered(2750)).contains("");
  }

  @Test
  void whatTheOldLinkHasAloneIsAwaitedOverTheNewOneOnce() {
    linked();
    old(1500, "the cat sat");
    next(1700, "the");
    old(2300, "on a");
    next(2400, "cat sat");

    Alignment alignment = aligner.only(nanos(2750)).orElseThrow();

    assertThat(text(alignment)).isEmpty();
    assertThat(alignment.isLateRepeat(word("mat"), nanos(2800))).isFalse();
    assertThat(alignment.isLateRepeat(word("on"), nanos(2800))).isTrue();
    assertThat(alignment.isLateRepeat(word("a"), nanos(2800))).isTrue();
    assertThat(alignment.isLateRepeat(word("a"), nanos(2800))).isFalse();
    assertThat(alignment.awaits(nanos(2800))).isFalse();
  }

  @Test
  void nobodyAwaitsARepetitionForLong() {
    linked();
    old(2100, "alone");

    Alignment alignment = aligner.only(nanos(2150)).orElseThrow();

    assertThat(alignment.awaits(nanos(3150))).isTrue();
    assertThat(alignment.isLateRepeat(word("alone"), nanos(3151))).isFalse();
  }

  @Test
  void eventsForOneSidAreDeliveredOnce() {
    linked();
    old(1500, "the mine cat");
    next(1600, "the cat yours sat");

    assertThat(delivered(2700)).contains("yours sat");
  }

  @Test
  void silenceOfBothIsAnAlignment() {
    old(100, "the end");
    linked();

    assertThat(delivered(1099)).isEmpty();
    assertThat(delivered(1101)).contains("");
  }

  @Test
  void bestAlignmentIsTakenWhenNoneIsTheOnlyOne() {
    linked();
    old(1500, "the");
    old(1520, "the");
    old(1570, "the");
    next(1540, "the");
    next(1560, "the");
    next(1610, "the");
    next(1650, "the");

    assertThat(aligner.only(nanos(1700))).isEmpty();
    Alignment best = new Alignment(nanos(2700));
    aligner.alignBest(nanos(1700), best, Set.of());
    assertThat(text(best)).isEqualTo("the");
  }

  @Test
  void memoryIsBounded() {
    for (int i = 0; i < 3 * Aligner.MAX_EVENTS; i++) {
      aligner.old(word("w" + i), nanos(i));
    }
    assertThat(aligner.isFull()).isFalse();

    linked();
    for (int i = 0; i < Aligner.MAX_EVENTS; i++) {
      aligner.nextAlone();
    }
    assertThat(aligner.isFull()).isTrue();
  }
}

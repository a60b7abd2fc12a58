package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShiftedMatchTest {
  /** Letters of the next sequence that are no repetitions, and behind a bar what is awaited yet. */
  private static String left(ShiftedMatch match, String old, String next) {
    StringBuilder left = new StringBuilder();
    for (int i = 0; i < next.length(); i++) {
      left.append(match.isRepeat(i) ? "" : next.charAt(i));
    }
    return left + "|" + old.substring(match.end());
  }

  private static String straight(String old, String next, int shift) {
    return left(ShiftedMatch.straight(events(old), events(next), shift), old, next);
  }

  private static String best(String old, String next, int shift) {
    return left(ShiftedMatch.best(events(old), events(next), shift), old, next);
  }

  private static long[] events(String letters) {
    return letters.chars().asLongStream().toArray();
  }

  @Test
  void whatStandsBehindTheOldEndIsNew() {
    assertThat(straight("abcd", "cdef", 2)).isEqualTo("ef|");
    assertThat(best("abcd", "cdef", 2)).isEqualTo("ef|");
  }

  @Test
  void whatTheNextSequenceDoesNotReachIsAwaited() {
    assertThat(straight("abcdef", "cd", 2)).isEqualTo("|ef");
    assertThat(best("abcdef", "cd", 2)).isEqualTo("|ef");
  }

  @Test
  void sequencesThatEndAlikeLeaveNothing() {
    assertThat(straight("abcd", "cd", 2)).isEqualTo("|");
    assertThat(best("abcd", "cd", 2)).isEqualTo("|");
  }

  @Test
  void whatStandsBeforeTheOldBeginningIsRepeated() {
    assertThat(straight("cdab", "abcdabe", -2)).isEqualTo("e|");
    assertThat(best("cdab", "abcdabe", -2)).isEqualTo("e|");
  }

  @Test
  void sequencesThatDoNotTouchAreNewOrRepeatedWhole() {
    assertThat(straight("ab", "cd", 2)).isEqualTo("cd|");
    assertThat(straight("cd", "ab", -2)).isEqualTo("|cd");
  }

  @Test
  void emptySequencesAreMatched() {
    assertThat(straight("", "ab", 0)).isEqualTo("ab|");
    assertThat(straight("ab", "", 0)).isEqualTo("|ab");
    assertThat(best("", "ab", 0)).isEqualTo("ab|");
    assertThat(best("ab", "", 0)).isEqualTo("|ab");
  }

  @Test
  void eventOfTheOldSequenceAloneShiftsWhatFollows() {
    assertThat(best("abXcd", "abcdef", 0)).isEqualTo("ef|");
  }

  @Test
  void eventOfTheNextSequenceAloneIsNoRepetition() {
    assertThat(best("abcd", "abYcdef", 0)).isEqualTo("Yef|");
  }

  @Test
  void bothMayHaveEventsAlone() {
    assertThat(best("abXcdeZf", "abcYdef", 0)).isEqualTo("Y|");
    assertThat(best("aaXaaa", "aaaYaab", 0)).isEqualTo("Yb|");
  }

  @Test
  void eventsAloneAtTheEndsAreDeliveredAndAwaited() {
    assertThat(best("abcX", "abcYd", 0)).startsWith("Yd|");
    assertThat(best("Xbcd", "Ybcd", 0)).isEqualTo("Y|");
  }

  @Test
  void equalEventsStayWhereTheShiftSays() {
    assertThat(straight("aaaa", "aaaa", 2)).isEqualTo("aa|");
    assertThat(best("aaaaX", "aaaa", 2)).isEqualTo("aa|");
  }
}

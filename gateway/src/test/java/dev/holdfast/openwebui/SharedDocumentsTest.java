package dev.holdfast.openwebui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.LinkFence.Link;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SharedDocumentsTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long PACE = Duration.ofMillis(100).toNanos();

  private final SharedDocuments documents = new SharedDocuments(new SplittableRandom(1));

  private SharedDocument between(String from, String to, long now) {
    return documents.between(from, to, now);
  }

  @Test
  void sessionsThatMoveTogetherShareADocument() {
    assertThat(between("a", "b", SECOND)).isSameAs(between("a", "b", 0));
  }

  @Test
  void documentIsForOnePairOfUpstreamsAndOneDirection() {
    assertThat(between("a", "b", 0)).isNotSameAs(between("a", "c", 0));
    assertThat(between("a", "b", 0)).isNotSameAs(between("b", "a", 0));
  }

  @Test
  void whoMovesMuchLaterGetsAnother() {
    assertThat(between("a", "b", 0)).isNotSameAs(between("a", "b", 2 * SECOND));
  }

  @Test
  void documentHasNoMoreThanSixteenMembers() {
    Map<String, Integer> members = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      members.merge(between("a", "b", 0).id(), 1, Integer::sum);
    }

    assertThat(members).hasSize(7).allSatisfy((id, count) -> assertThat(count).isBetween(1, 16));
  }

  @Test
  void idHas128RandomBitsAndIsNoNotes() {
    assertThat(between("a", "b", 0).id()).matches("hf:[A-Za-z0-9_-]{22}");
    assertThat(between("a", "c", 0).id()).isNotEqualTo(between("a", "b", 0).id());
  }

  @Test
  void oneMemberSendsAFenceOverEachSideInTurn() {
    SharedDocument document = between("a", "b", 0);

    assertThat(document.isDue(Link.OLD, 0)).isTrue();
    assertThat(document.isDue(Link.OLD, PACE - 1)).isFalse();
    assertThat(document.isDue(Link.NEXT, PACE - 1)).isTrue();
    assertThat(document.isDue(Link.OLD, PACE)).isTrue();
    assertThat(document.isDue(Link.OLD, PACE)).isFalse();
  }

  @Test
  void manyMembersSendHalfAsManyFences() {
    SharedDocument document = between("a", "b", 0);
    for (int i = 1; i < 3; i++) {
      between("a", "b", 0);
    }

    assertThat(document.isDue(Link.OLD, 0)).isTrue();
    assertThat(document.isDue(Link.OLD, PACE)).isFalse();
    assertThat(document.isDue(Link.OLD, 2 * PACE)).isTrue();
  }
}

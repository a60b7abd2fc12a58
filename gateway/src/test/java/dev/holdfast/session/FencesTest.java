package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.openwebui.DocumentFence;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.session.LinkFence.Link;
import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A switchover may begin when a link is gone, or end before the next one is there. */
class FencesTest {
  private static final Duration LAG = Duration.ofSeconds(1);

  private final ManualTimers timers = new ManualTimers();
  private final Random random = new Random(1);
  private final DocumentFence fence =
      new DocumentFence(
          random, () -> new SharedDocuments(random).between("a", "b", 0), over -> false);
  private final FakeConnection old = new FakeConnection(true);
  private final FakeConnection next = new FakeConnection(true);
  private final Fences fences = new Fences(fence, () -> true, LAG.toNanos(), timers);

  private void doAll() {
    fences.connected();
    fences.askOld();
    fences.look(LAG.toNanos());
    timers.pass(LAG.multipliedBy(2));
    fences.brought(Link.OLD, new Fingerprint(1, 1));
    fences.look(LAG.toNanos());
    fences.leave();
  }

  @Test
  void withoutLinksThereAreNoFences() {
    doAll();

    assertThat(fences.areRefused()).isTrue();
    assertThat(fences.hasOldRead()).as("a link that is gone reads nothing").isTrue();
  }

  @Test
  void withoutAnOldLinkThereAreNoFences() {
    fences.next(next);
    doAll();

    assertThat(fences.areRefused()).isTrue();
    assertThat(next.packets).as("the next one is asked whether it would").isNotEmpty();
  }

  @Test
  void withoutANextLinkTheyMayStillCome() {
    fences.old(old);
    doAll();

    assertThat(fences.areRefused()).isFalse();
    assertThat(fences.hasOldRead()).as("the old one has not answered").isFalse();
  }

  @Test
  void nothingIsCertainBeforeThePageHasJoined() {
    fences.old(old);
    fences.next(next);
    fences.connected();
    fences.lookAgain();

    assertThat(fences.certain(0)).isEmpty();
    fences.pageLeft();
    assertThat(fences.certain(0)).isEmpty();
  }

  @Test
  void oldLinkHasReadWhatItWasNotAskedAbout() {
    fences.old(old);

    assertThat(fences.hasOldRead()).isTrue();
  }
}

package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the next link brings before the switch counts in the process's pool, within a bound. */
class LinkSwitchoverMemoryTest {
  private static final Duration LAG = Conversation.LAG;
  private static final int EVENT = 1000;
  private static final int POOL = 8 * 1024 * 1024;

  private final Conversation it;
  private final BufferPool pool;

  LinkSwitchoverMemoryTest() throws ProtocolException {
    pool = new BufferPool(POOL);
    it = new Conversation(OffsetStyle.ARGUMENT, pool).connected();
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private static String event(int number) {
    return "42[\"" + "x".repeat(EVENT) + "\"," + number + "]";
  }

  private void collect() throws ProtocolException {
    it.next(event(1), event(2), event(3));
    assertThat(pool.taken()).isBetween(3L * EVENT, 4L * EVENT);
  }

  @Test
  void sessionCollectsFourMebibytesAtMost() throws ProtocolException {
    it.overlap();
    int number = 0;
    while (!it.heard.contains("moved OUT_OF_MEMORY")) {
      it.next(event(number++));
      it.confirm();
      assertThat(number).isLessThanOrEqualTo(LinkSwitchover.MAX_BYTES / EVENT + 1);
    }

    assertThat(number).isGreaterThan(4_000_000 / EVENT);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void bestAlignmentHasToDoWhenThePoolIsUsedUp() throws ProtocolException {
    it.overlap();
    collect();
    assertThat(pool.reserve(POOL / 10 * 9 - pool.taken() - EVENT)).isTrue();
    long ofOthers = pool.taken() - 3L * EVENT;

    it.next(event(4));

    assertThat(it.heard).contains("moved OUT_OF_MEMORY");
    assertThat(pool.taken()).isLessThan(ofOthers + EVENT);
    assertThat(it.shown()).hasSize(5).last().asString().contains(",4,");
    pool.release(pool.taken());
  }

  /** Within an event of the old link, where no answer of the next one may stand. */
  private void overlapWithinAnEvent() throws ProtocolException {
    it.overlap();
    it.down("451-[\"half\",{}]");
  }

  private static String answer(int number) {
    return "43" + number + "[\"" + "x".repeat(EVENT) + "\"]";
  }

  @Test
  void answersThatWaitCountLikeEvents() throws ProtocolException {
    overlapWithinAnEvent();
    long ofOld = pool.taken();
    int number = 0;
    while (!it.heard.contains("moved OUT_OF_MEMORY")) {
      assertThat(pool.taken() - ofOld)
          .isBetween(2L * number * EVENT, (long) LinkSwitchover.MAX_BYTES);
      it.next(event(number), answer(number));
      number++;
    }

    assertThat(2 * number).isBetween(4_000_000 / EVENT, LinkSwitchover.MAX_BYTES / EVENT + 2);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void answersThatDoNotFitAreNotLost() throws ProtocolException {
    overlapWithinAnEvent();
    it.next(answer(1), answer(2));
    assertThat(pool.reserve(POOL / 10 * 9 - pool.taken() - EVENT)).isTrue();
    long ofOthers = pool.taken() - 2L * EVENT;

    it.next(answer(3), answer(4));

    assertThat(it.heard).contains("moved OUT_OF_MEMORY");
    assertThat(pool.taken()).isLessThan(ofOthers + EVENT);
    assertThat(it.shown()).endsWith(answer(1), answer(2), answer(3), answer(4));
    pool.release(pool.taken());
  }

  @Test
  void answersThatNeedNotWaitTakeNothing() throws ProtocolException {
    it.overlap();
    assertThat(pool.reserve(POOL / 10 * 9 - pool.taken())).isTrue();

    it.next(answer(1));

    assertThat(it.shown()).endsWith(answer(1));
    assertThat(it.heard).doesNotContain("moved OUT_OF_MEMORY");
    pool.release(pool.taken());
  }

  @Test
  void nothingIsLeftOfAnswersWhenTheSessionEnds() throws ProtocolException {
    overlapWithinAnEvent();
    it.next(answer(1));
    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.timers.pass(LAG.multipliedBy(2));
    assertThat(pool.taken()).isGreaterThan(EVENT);

    it.session.close(CloseReason.KICKED);

    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenTheLinksAreAligned() throws ProtocolException {
    it.overlap();
    collect();

    it.confirm();
    it.timers.pass(LAG.multipliedBy(3));

    assertThat(it.heard).contains("moved NO_FENCES");
    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenTheTimeIsOver() throws ProtocolException {
    it.down("421[\"confirm\"]");
    it.overlap();
    collect();

    it.timers.pass(Conversation.OVERLAP);

    assertThat(it.heard).contains("moved OUT_OF_TIME");
    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenTheOldLinkBreaks() throws ProtocolException {
    it.overlap();
    collect();

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.heard).contains("moved LINK_LOST");
    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenTheClientStaysWhereItWas() throws ProtocolException {
    it.overlap();
    collect();

    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.heard).contains("moved STAYED");
    assertThat(pool.taken()).isPositive();
    it.timers.pass(LAG);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenTheClientHasHeardOfNothing() throws ProtocolException {
    it.open();
    collect();

    it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.heard).contains("moved FAILED");
    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenTheSessionEnds() throws ProtocolException {
    it.overlap();
    collect();

    it.session.close(CloseReason.KICKED);

    assertThat(pool.taken()).isZero();
  }

  @Test
  void nothingIsLeftWhenItIsTooMuchForTheOutbox() throws ProtocolException {
    it.cut();
    it.overlap();
    for (int i = 0; i < 2 * Conversation.OUTBOX.bytes() / EVENT; i++) {
      it.next(event(i));
    }

    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(it.session.isClosed()).isTrue();
    assertThat(pool.taken()).isZero();
  }

  @Test
  void nextLinkIsLeftThatBringsTooMuchBeforeItsConnectReply() throws ProtocolException {
    it.open();
    for (int i = 0; !it.heard.contains("moved FAILED"); i++) {
      assertThat(i).isLessThanOrEqualTo(LinkSwitchover.MAX_BYTES / EVENT + 1);
      it.next(event(i));
    }

    assertThat(pool.taken()).isZero();
    assertThat(it.nextLink.closed).contains(CloseReason.SWITCHED_OVER);
    assertThat(it.link.closed).isEmpty();
  }
}

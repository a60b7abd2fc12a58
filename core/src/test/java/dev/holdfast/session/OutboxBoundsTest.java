package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an outbox keeps is bounded in bytes, events, time, and memory of the process. */
class OutboxBoundsTest {
  private static final String KILOBYTE = "42[\"" + "x".repeat(1018) + "\"]";
  private static final String LARGER_THAN_ALL = "42[\"" + "x".repeat(30_000) + "\"]";
  private static final String SMALL = "42[\"e\",1]";

  private Conversation it;
  private long othersBytes;

  OutboxBoundsTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    if (othersBytes > 0) {
      it.outboxes.give(ByteBuffer.allocate((int) othersBytes));
    }
    it.assertNothingLeft();
  }

  /** Other sessions take memory of the process, until so much is left. */
  private void othersLeave(long bytes) {
    othersBytes = (1 << 20) - it.outboxes.taken() - bytes;
    it.outboxes.take((int) othersBytes);
  }

  private void down(String event, int times) throws ProtocolException {
    for (int i = 0; i < times; i++) {
      it.down(event);
    }
  }

  @Test
  void tooManyBytesForAClientThatIsAwayEndTheSession() throws ProtocolException {
    it.cut();

    down(KILOBYTE, 19);
    assertThat(it.session.isClosed()).isFalse();
    down(KILOBYTE, 2);

    assertThat(it.heard).endsWith("given up 20 outbox-full", "ended outbox-full", "unparked");
    assertThat(it.link.closed).contains(CloseReason.OUTBOX_FULL);
  }

  @Test
  void tooManyEventsForAClientThatIsAwayEndTheSession() throws ProtocolException {
    it.cut();

    down(SMALL, 500);
    assertThat(it.session.isClosed()).isFalse();
    down(SMALL, 1);

    assertThat(it.heard).endsWith("given up 501 outbox-full", "ended outbox-full", "unparked");
  }

  @Test
  void confirmedEventsMakeRoomForThoseThatWait() throws ProtocolException {
    it.cut();
    it.resume(1, "tagtag.0");
    down(KILOBYTE, 16);
    it.confirm();
    it.cut();

    down(KILOBYTE, 16);

    assertThat(it.session.isClosed()).isFalse();
    assertThat(it.resume(1, "tagtag.16")).isEqualTo(Result.RECOVERED);
    assertThat(it.shown()).hasSize(17);
  }

  @Test
  void clientThatIsSlowToConfirmLosesItsWayBackUntilItHasConfirmed() throws ProtocolException {
    down(KILOBYTE, 30);
    assertThat(it.transport.packets).hasSize(30);
    assertThat(it.outboxes.taken()).isLessThan(24 * 1024);
    assertThat(it.session.isClosed()).isFalse();

    it.confirm();
    assertThat(it.waiting()).isZero();
    down(KILOBYTE, 2);
    it.cut();

    assertThat(it.resume(1, "tagtag.31")).isEqualTo(Result.RECOVERED);
    assertThat(it.shown()).hasSize(2);
  }

  @Test
  void clientThatLostItsWayBackAndIsCutOffIsGone() throws ProtocolException {
    down(KILOBYTE, 30);

    it.cut();

    assertThat(it.heard).containsExactly("given up 30 client-lost", "ended client-lost");
  }

  @Test
  void clientThatLostItsWayBackIsTrimmedIfItComes() throws ProtocolException {
    down(SMALL, 501);

    assertThat(it.resume(1, "tagtag.500")).isEqualTo(Result.TRIMMED);

    assertThat(it.heard).containsExactly("given up 501 superseded", "ended superseded");
  }

  @Test
  void confirmationOfSomeDoesNotGiveTheWayBack() throws ProtocolException {
    down(KILOBYTE, 5);
    long some = it.transport.given;
    down(KILOBYTE, 25);

    it.client.acknowledged(some);
    assertThat(it.waiting()).isGreaterThan(20);
    it.cut();

    assertThat(it.heard).endsWith("ended client-lost");
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void eventLargerThanTheOutboxPasses(OffsetStyle style) throws ProtocolException {
    it = Conversation.live(style);

    it.down(LARGER_THAN_ALL);
    assertThat(it.shown()).hasSize(1);
    it.confirm();
    it.down(SMALL);
    it.cut();

    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);
    assertThat(it.shown()).hasSize(2);
  }

  @Test
  void eventThatTheMemoryOfTheProcessCannotHoldEndsAParkedSession() throws ProtocolException {
    it.cut();
    othersLeave(2048);

    it.down(LARGER_THAN_ALL);

    assertThat(it.link.closed).contains(CloseReason.OUTBOX_MEMORY);
  }

  @Test
  void memoryThatIsShortIsTakenFromWhatWasSent() throws ProtocolException {
    down(KILOBYTE, 15);
    othersLeave(0);

    down(KILOBYTE, 30);

    assertThat(it.transport.packets).hasSize(45);
    assertThat(it.session.isClosed()).isFalse();
    assertThat(it.heard).contains("memory short");
  }

  @Test
  void memoryThatIsShortIsTakenFromWhatWasConfirmedFirst() throws ProtocolException {
    down(KILOBYTE, 18);
    it.confirm();
    othersLeave(0);

    down(KILOBYTE, 16);
    it.cut();

    assertThat(it.heard).endsWith("parked");
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void whatLeavesAtOnceNeedsNoMemory(OffsetStyle style) throws ProtocolException {
    it = Conversation.live(style);
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));
    othersLeave(0);
    int before = it.shown().size();

    it.down(SMALL, "421[\"call\"]", "430[]", "40{\"sid\":\"s2\"}", LARGER_THAN_ALL);

    assertThat(it.shown()).hasSize(before + 5);
    assertThat(it.transport.closed).isEmpty();
    assertThat(it.outboxes.taken()).isEqualTo(othersBytes);
  }

  @Test
  void whatNeitherLeavesNorFitsEndsTheSession() throws ProtocolException {
    othersLeave(0);
    it.transport.taking = false;

    down(KILOBYTE, 200);

    assertThat(it.transport.closed).contains(CloseReason.OUTBOX_MEMORY);
  }

  @Test
  void attachmentsThatDoNotFitEndTheSession() throws ProtocolException {
    it.confirm();
    it.timers.pass(Conversation.KEPT.multipliedBy(2));
    othersLeave(0);

    it.down("451-[\"b\",{}]", "<a>");

    assertThat(it.transport.closed).contains(CloseReason.OUTBOX_MEMORY);
  }

  @Test
  void clientForWhichNoMemoryIsLeftStartsAfresh() throws ProtocolException {
    it.down(SMALL);
    it.cut();
    othersLeave(0);

    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.TRIMMED);
  }

  @Test
  void confirmedEventsAreFreedAfterTheirTime() throws ProtocolException {
    it.down(SMALL);
    it.confirm();
    assertThat(it.outboxes.taken()).isEqualTo(BufferPool.SMALL);

    it.timers.pass(Conversation.KEPT.multipliedBy(2));

    assertThat(it.outboxes.taken()).isZero();
    assertThat(it.timers.waiting()).isZero();
  }

  @Test
  void confirmedEventsAreFreedAtOnceBeyondTheirBytes() throws ProtocolException {
    for (int i = 0; i < 10; i++) {
      down(KILOBYTE, 10);
      it.confirm();
    }

    assertThat(it.outboxes.taken()).isLessThanOrEqualTo(2 * BufferPool.BLOCK);
  }

  @Test
  void clientIsAskedToConfirmWhenMuchWaits() throws ProtocolException {
    it.down(KILOBYTE);
    assertThat(it.transport.pings).isZero();
    it.down(KILOBYTE);
    it.confirm();
    int pings = it.transport.pings;
    assertThat(pings).isEqualTo(1);

    it.down(SMALL);

    assertThat(it.transport.pings).isEqualTo(pings);
  }

  @Test
  void confirmationOfWhatWasNotGivenEndsTheSessionAsAnInternalError() throws ProtocolException {
    it.transport.taking = false;
    it.down(SMALL);

    it.client.acknowledged(it.transport.given + 1);

    assertThat(it.transport.closed).contains(CloseReason.INTERNAL);
    it.assertNothingLeft();
  }

  @Test
  void confirmationInsideAPacketEndsTheSessionAsAnInternalError() throws ProtocolException {
    it.down(SMALL, KILOBYTE);

    it.client.acknowledged(it.transport.given - 1);

    assertThat(it.transport.closed).contains(CloseReason.INTERNAL);
    assertThat(it.link.closed).contains(CloseReason.INTERNAL);
    it.assertNothingLeft();
  }

  @Test
  void replayGoesOnInPiecesWhenTheTransportIsSlow() throws ProtocolException {
    it.cut();
    List<String> missed = new ArrayList<>();
    for (int i = 1; i <= 18; i++) {
      it.down("42[\"" + "x".repeat(1000) + i + "\"]");
      missed.add("42[\"" + "x".repeat(1000) + i + "\",\"tagtag." + i + "\"]");
    }
    it.nextTaking = false;
    it.resume(1, "tagtag.0");
    assertThat(it.transport.packets).isEmpty();
    assertThat(it.heard).doesNotContain("caught up after 0");

    it.transport.taking = true;
    it.client.writable();

    assertThat(it.shown()).hasSize(19).endsWith(missed.get(17));
    assertThat(it.heard).contains("caught up after 0");
  }
}

package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits on a splice, in both directions, and what the nodes confirm to each other. */
class SpliceBacklogTest {
  private static final Duration SLOW = Duration.ofSeconds(30);

  private final NodeLinkFixture fixture = new NodeLinkFixture();
  private final BufferPool pool = new BufferPool(1000);
  private final List<String> slow = new ArrayList<>();
  private final ClientBacklog up = new ClientBacklog(pool);
  private final NodeBacklog down =
      new NodeBacklog(pool, fixture.loop, SLOW, () -> slow.add("too slow"));

  private static Message fromClient(String packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true);
  }

  private static Message fromNode(String packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
  }

  private static Message attachment() {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + 1);
    FrameHeader.writeMasked(frame, Opcode.BINARY, 1, 0);
    int payload = frame.position();
    frame.put((byte) 1).flip();
    return new Message().at(frame, 0, payload, frame.limit()).as(0, false);
  }

  @AfterEach
  void nothingIsKeptOfThePool() {
    up.clear();
    down.clear();
    assertThat(pool.taken()).isZero();
  }

  @Test
  void messageThatThePoolHasNoRoomForIsRefused() throws ProtocolException {
    String large = "42[\"" + "x".repeat(600) + "\"]";
    assertThat(up.add(fromClient(large), false)).isTrue();

    assertThat(down.add(fromNode(large))).isFalse();

    assertThat(down.isEmpty()).isTrue();
  }

  @Test
  void nothingIsPassedBeforeThereIsALink() throws ProtocolException {
    up.add(fromClient("42[\"a\"]"), false);

    assertThat(up.pass(null)).isTrue();
    assertThat(up.isWhole()).isFalse();

    assertThat(up.pass(fixture.link)).isTrue();
    assertThat(up.isWhole()).isTrue();
    assertThat(fixture.node.sent()).containsExactly("42[\"a\"]");
  }

  @Test
  void packetIsWholeWithTheLastOfItsAttachments() throws ProtocolException {
    up.add(fromClient("452-[\"a\",{\"_placeholder\":true,\"num\":0}]"), false);
    up.pass(fixture.link);
    assertThat(up.isWhole()).isFalse();

    up.add(attachment(), false);
    up.pass(fixture.link);
    assertThat(up.isWhole()).isFalse();
    up.add(attachment(), false);
    assertThat(up.isWhole()).as("it still waits").isFalse();
    up.pass(fixture.link);

    assertThat(up.isWhole()).isTrue();
  }

  @Test
  void nodeIsAskedOnceTheLinkTakesTheQuestion() throws ProtocolException {
    up.add(fromClient("42[\"a\"]"), true);
    up.batchEnd();
    fixture.node.room(1);
    assertThat(up.pass(fixture.link)).as("the question still waits").isFalse();
    up.confirmed();
    assertThat(up.isUnconfirmed()).isTrue();

    fixture.node.takeAll();
    assertThat(up.pass(fixture.link)).isTrue();
    up.confirmed();

    assertThat(up.isUnconfirmed()).isFalse();
    assertThat(fixture.node.sent()).containsExactly("42[\"a\"]", SpliceControl.RECEIPT_ASKED);
  }

  @Test
  void nodeHearsThatTheClientHasTakenAllAndNotBefore() {
    down.add(fromNode("42[\"a\"]"));
    down.receiptAsked();
    down.pass(frames -> false);
    down.sendReceipt(fixture.link);
    assertThat(fixture.node.sent()).isEmpty();

    down.pass(frames -> true);
    down.sendReceipt(fixture.link);
    down.sendReceipt(fixture.link);

    assertThat(fixture.node.sent()).containsExactly(SpliceControl.RECEIPT);
  }

  @Test
  void receiptThatTheLinkDoesNotTakeIsSentLater() {
    fixture.block();
    down.receiptAsked();
    down.sendReceipt(fixture.link);

    fixture.node.takeAll();
    down.sendReceipt(fixture.link);

    assertThat(fixture.node.sent()).containsExactly("blocking", SpliceControl.RECEIPT);
  }

  @Test
  void clientThatLeavesSomethingUnreadForTooLongIsTooSlow() {
    down.add(fromNode("42[\"a\"]"));
    down.pass(frames -> false);

    fixture.loop.timers().pass(SLOW.minusMillis(1));
    down.pass(frames -> false);
    assertThat(slow).isEmpty();
    fixture.loop.timers().pass(Duration.ofMillis(1));

    assertThat(slow).containsExactly("too slow");
  }

  @Test
  void clientThatTakesSomethingInTimeHasAsLongForTheRest() {
    down.add(fromNode("42[\"a\"]"));
    down.pass(frames -> false);
    down.add(fromNode("42[\"b\"]"));
    fixture.loop.timers().pass(SLOW.minusMillis(1));

    List<String> taken = new ArrayList<>();
    down.pass(frames -> taken.isEmpty() && taken.add("first"));
    fixture.loop.timers().pass(SLOW.minusMillis(1));
    assertThat(slow).isEmpty();
    fixture.loop.timers().pass(Duration.ofMillis(1));

    assertThat(slow).containsExactly("too slow");
  }

  @Test
  void clientThatHasTakenAllIsNotTooSlow() {
    down.add(fromNode("42[\"a\"]"));
    down.pass(frames -> false);

    down.pass(frames -> true);
    fixture.loop.timers().pass(SLOW);

    assertThat(slow).isEmpty();
  }
}

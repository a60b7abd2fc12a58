package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneTest {
  private static final String PACKET = "42[\"" + "x".repeat(200) + "\"]";

  private final BufferPool pool = new BufferPool(8L * BufferPool.BLOCK);
  private final FakeHop source = new FakeHop(true);
  private final FakeHop target = new FakeHop(false);
  private final Lane lane = new Lane(pool, 500);
  private final Hop.Receiver feed = new Feed(lane);

  /** Puts all that it hears into a lane. */
  private record Feed(Lane lane) implements Hop.Receiver {
    @Override
    public void message(Message message) {
      assertThat(lane.add(message, 0)).isTrue();
    }

    @Override
    public void batchEnd() {
      assertThat(lane.flush()).isTrue();
    }

    @Override
    public void writable() {
      lane.drain();
    }

    @Override
    public void acknowledged(long bytes) {}

    @Override
    public void closed(CloseReason reason) {
      lane.clear();
    }
  }

  @BeforeEach
  void joined() {
    lane.from(source);
    lane.to(target);
  }

  @Test
  void packetsWaitUntilThereIsATarget() throws ProtocolException {
    Lane blind = new Lane(pool, 500);
    Read.ofUpstream(PACKET, PACKET, PACKET).tell(new Feed(blind));

    blind.to(target);
    blind.drain();

    assertThat(target.packets).containsExactly(PACKET, PACKET, PACKET);
  }

  @Test
  void sourceIsReadUntilTheLimitIsPassed() throws ProtocolException {
    target.taking = false;

    Read.ofUpstream(PACKET, PACKET).tell(feed);
    assertThat(source.reading).isTrue();
    Read.ofUpstream(PACKET).tell(feed);

    assertThat(source.reading).isFalse();
    assertThat(lane.isBlocked()).isTrue();
  }

  @Test
  void sourceIsReadAgainWhenHalfOfTheLimitIsLeft() throws ProtocolException {
    target.taking = false;
    Read.ofUpstream(PACKET, PACKET, PACKET).tell(feed);
    feed.writable();
    assertThat(source.reading).isFalse();

    target.taking = true;
    feed.writable();

    assertThat(source.reading).isTrue();
    assertThat(pool.taken()).isZero();
  }

  @Test
  void whatIsForgottenIsGivenBack() throws ProtocolException {
    target.taking = false;
    Read.ofUpstream(PACKET).tell(feed);
    Read.ofUpstream(PACKET).tellMessages(feed);

    feed.closed(CloseReason.DRAINED);

    assertThat(pool.taken()).isZero();
    assertThat(lane.flush()).isTrue();
    assertThat(target.packets).isEmpty();
  }

  @Test
  void readerHasItsWholeBufferBackWhenTheTargetThrows() {
    ByteBuffer read = ByteBuffer.allocate(1000).put(TextFrame.masked(PACKET)).flip();
    assertThat(lane.add(new Message().ofFrame(read, true), 0)).isTrue();
    target.failing = true;

    assertThatThrownBy(lane::flush).isInstanceOf(IllegalStateException.class);

    assertThat(read.remaining()).isEqualTo(1000);
  }

  @Test
  void restOfAPacketThatWasBegunGoesToNoOtherTarget() throws ProtocolException {
    target.taking = false;
    String text = "452-[\"" + "x".repeat(BufferPool.BLOCK - 12) + "\"]";
    addPart(text, 2);
    addPart("<first>", 1);
    addPart("<second>", 0);
    addPart(PACKET, 0);
    target.taking = true;
    target.most = 1;
    lane.drain();
    assertThat(target.packets).containsExactly(text);

    FakeHop next = new FakeHop(false);
    lane.hold();
    lane.to(next);
    lane.drain();

    assertThat(next.packets).containsExactly(PACKET);
    assertThat(pool.taken()).isZero();
  }

  private void addPart(String message, int missing) throws ProtocolException {
    Read.ofUpstream(message).each(part -> assertThat(lane.add(part, missing)).isTrue());
    assertThat(lane.flush()).isTrue();
  }
}

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

class ForwardBufferTest {
  private static final String PACKET = "42[\"" + "x".repeat(200) + "\"]";

  private final BufferPool pool = new BufferPool(8L * BufferPool.BLOCK);
  private final FakeConnection source = new FakeConnection(true);
  private final FakeConnection target = new FakeConnection(false);
  private final ForwardBuffer forwardBuffer = new ForwardBuffer(pool, 500);
  private final EngineConnection.Listener feed = new Feed(forwardBuffer);

  /** Puts all that it hears into a forward buffer. */
  private record Feed(ForwardBuffer forwardBuffer) implements EngineConnection.Listener {
    @Override
    public void message(Message message) {
      assertThat(forwardBuffer.add(message, 0)).isTrue();
    }

    @Override
    public void batchEnd() {
      assertThat(forwardBuffer.flush()).isTrue();
    }

    @Override
    public void writable() {
      forwardBuffer.drain();
    }

    @Override
    public void acknowledged(long bytes) {}

    @Override
    public void closed(CloseReason reason) {
      forwardBuffer.clear();
    }
  }

  @BeforeEach
  void joined() {
    forwardBuffer.from(source);
    forwardBuffer.to(target);
  }

  @Test
  void packetsWaitUntilThereIsATarget() throws ProtocolException {
    ForwardBuffer blind = new ForwardBuffer(pool, 500);
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
    assertThat(forwardBuffer.isBlocked()).isTrue();
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
    assertThat(forwardBuffer.flush()).isTrue();
    assertThat(target.packets).isEmpty();
  }

  @Test
  void readerHasItsWholeBufferBackWhenTheTargetThrows() {
    ByteBuffer read = ByteBuffer.allocate(1000).put(TextFrame.masked(PACKET)).flip();
    assertThat(forwardBuffer.add(new Message().ofFrame(read, true), 0)).isTrue();
    target.failing = true;

    assertThatThrownBy(forwardBuffer::flush).isInstanceOf(IllegalStateException.class);

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
    forwardBuffer.drain();
    assertThat(target.packets).containsExactly(text);

    FakeConnection next = new FakeConnection(false);
    forwardBuffer.hold();
    forwardBuffer.to(next);
    forwardBuffer.drain();

    assertThat(next.packets).containsExactly(PACKET);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void bufferThatIsStoppedKeepsItsPacketsForTheNextTarget() throws ProtocolException {
    forwardBuffer.stop();
    assertThat(forwardBuffer.isBetweenPackets()).isTrue();
    Read.ofUpstream(PACKET).tell(feed);
    feed.writable();
    assertThat(target.packets).isEmpty();
    assertThat(forwardBuffer.isBetweenPackets())
        .as("the target gets nothing of what waits")
        .isTrue();

    forwardBuffer.to(target);
    forwardBuffer.drain();

    assertThat(target.packets).containsExactly(PACKET);
  }

  @Test
  void bufferIsNotStoppedWithinAPacket() throws ProtocolException {
    addPart("451-[]", 1);
    assertThat(forwardBuffer.isBetweenPackets()).isFalse();
    assertThatThrownBy(forwardBuffer::stop).isInstanceOf(IllegalStateException.class);

    target.taking = false;
    addPart("<only>", 0);
    assertThat(forwardBuffer.isBetweenPackets()).as("the packet waits").isFalse();
    assertThatThrownBy(forwardBuffer::stop).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void lastPacketsGoInOrderAsFarAsTheTargetTakesThem() throws ProtocolException {
    target.taking = false;
    Read.ofUpstream(PACKET, "42[\"last\"]").tell(feed);
    forwardBuffer.drainLast();
    assertThat(target.packets).isEmpty();

    target.takesLast = true;
    forwardBuffer.drainLast();
    forwardBuffer.drainLast();

    assertThat(target.packets).containsExactly(PACKET, "42[\"last\"]");
    assertThat(pool.taken()).isZero();
  }

  @Test
  void bufferWithoutATargetHasNoLastPackets() throws ProtocolException {
    ForwardBuffer blind = new ForwardBuffer(pool, 500);
    Read.ofUpstream(PACKET).tell(new Feed(blind));

    blind.drainLast();

    assertThat(blind.waitingBytes()).isPositive();
  }

  private void addPart(String message, int missing) throws ProtocolException {
    Read.ofUpstream(message).each(part -> assertThat(forwardBuffer.add(part, missing)).isTrue());
    assertThat(forwardBuffer.flush()).isTrue();
  }
}

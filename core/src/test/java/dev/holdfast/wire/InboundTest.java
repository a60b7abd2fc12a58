package dev.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboundTest {
  private static final long SEED = 20261121;
  private static final int MAX_MESSAGE = 1_000_000;

  private final BufferPool pool = new BufferPool(1L << 30);

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 5_000, 20_000, 200_000})
  void framesThatAreCutAnywhereArriveWhole(int largestPiece) throws Exception {
    var random = new Random(SEED + largestPiece);
    List<byte[]> sent = new ArrayList<>();
    int largestMessage = Math.min(120_000, 40 * largestPiece + 200);
    for (int i = 0; i < 60; i++) {
      sent.add(payload(random, 1 + random.nextInt(i % 3 == 0 ? largestMessage : 100)));
    }
    var collector = new Collector();
    var inbound = inbound(collector);

    readAll(inbound, new Pieces(frames(sent), largestPiece, random));

    assertThat(collector.payloads).as("seed " + SEED).containsExactlyElementsOf(sent);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void endedConnectionHoldsNoBuffer() throws Exception {
    var inbound = inbound(new Collector());
    ByteBuffer half = frames(List.of(new byte[50_000]));
    half.limit(20_000);

    readAll(inbound, new Pieces(half, 3_000, new Random(SEED)));
    assertThat(pool.taken()).isPositive();
    inbound.close();

    assertThat(pool.taken()).isZero();
  }

  @Test
  void pingInsideTheLargestMessageDoesNotCountToItsSize() throws Exception {
    var collector = new Collector();
    ByteBuffer frames = ByteBuffer.allocate(MAX_MESSAGE + 30);
    frames.put((byte) Opcode.BINARY).put((byte) 127).putLong(MAX_MESSAGE);
    frames.position(frames.position() + MAX_MESSAGE);
    frames.put((byte) (0x80 | Opcode.PING)).put((byte) 1).put((byte) 'p');
    frames.put((byte) (0x80 | Opcode.CONTINUATION)).put((byte) 0);

    readAll(inbound(collector), new Pieces(frames.flip(), 60_000, new Random(SEED)));

    assertThat(collector.payloads).hasSize(1).allMatch(it -> it.length == MAX_MESSAGE);
    assertThat(collector.controls).isEqualTo(1);
  }

  private Inbound inbound(Inbound.FrameListener frames) {
    return new Inbound(
        new WebSocket.Limits(pool, MAX_MESSAGE, (count, bytes) -> {}), false, frames);
  }

  private static void readAll(Inbound inbound, Pieces pieces) throws Exception {
    Inbound.Found found = Inbound.Found.MORE;
    while (found != Inbound.Found.NOTHING) {
      ByteBuffer target = inbound.target();
      found = inbound.took(target, pieces.read(target));
    }
  }

  private static byte[] payload(Random random, int length) {
    byte[] payload = new byte[length];
    random.nextBytes(payload);
    return payload;
  }

  private static ByteBuffer frames(List<byte[]> payloads) {
    int bytes = payloads.stream().mapToInt(p -> p.length + FrameHeader.MAX_BYTES).sum();
    ByteBuffer all = ByteBuffer.allocate(bytes);
    for (byte[] payload : payloads) {
      FrameHeader.write(all, Opcode.BINARY, payload.length);
      all.put(payload);
    }
    return all.flip();
  }

  /** A channel that gives its bytes in pieces of random size. */
  private record Pieces(ByteBuffer bytes, int largest, Random random)
      implements ReadableByteChannel {
    @Override
    public int read(ByteBuffer target) throws IOException {
      int piece = 1 + random.nextInt(largest);
      int count = Math.min(piece, Math.min(target.remaining(), bytes.remaining()));
      target.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static final class Collector implements Inbound.FrameListener {
    private final List<byte[]> payloads = new ArrayList<>();
    private int controls;

    @Override
    public void message(Message message) throws ProtocolException {
      payloads.add(message.bytes(0));
    }

    @Override
    public void control(FrameHeader header, ByteBuffer buffer) {
      controls++;
    }

    @Override
    public void batchEnd() {}

    @Override
    public boolean isReading() {
      return true;
    }
  }
}

package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameScannerTest {
  private static final int[] LENGTHS = {0, 1, 125, 126, 127, 65_535, 65_536};

  private final FrameScanner scanner = new FrameScanner();

  @Test
  void everyFrameIsFoundWhateverItsLength() throws ProtocolException {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 50; round++) {
      List<byte[]> frames = new ArrayList<>();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < 5; i++) {
        byte[] frame = TextFrame.masked(new byte[LENGTHS[random.nextInt(LENGTHS.length)]]);
        frames.add(frame);
        all.writeBytes(frame);
      }

      assertThat(found(all.toByteArray())).usingRecursiveComparison().isEqualTo(frames);
    }
  }

  private List<byte[]> found(byte[] bytes) throws ProtocolException {
    List<byte[]> found = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    scanner.over(buffer, 0, bytes.length, true);
    while (scanner.next() && scanner.isWhole()) {
      byte[] frame = new byte[scanner.end() - scanner.start()];
      buffer.get(scanner.start(), frame);
      found.add(frame);
    }
    return found;
  }

  @Test
  void theRestBeginsBehindTheLastWholeFrameWhereverTheBytesEnd() throws ProtocolException {
    byte[] whole = TextFrame.masked("first");
    byte[] next = TextFrame.masked(new byte[300]);
    for (int part = 0; part < next.length; part++) {
      ByteBuffer buffer = ByteBuffer.allocate(whole.length + next.length).put(whole).put(next);
      scanner.over(buffer, 0, whole.length + part, true);

      assertThat(scanner.next() && scanner.isWhole()).isTrue();
      assertThat(scanner.message().bytes(0)).asString().isEqualTo("first");
      assertThat(scanner.next() && scanner.isWhole()).isFalse();
      assertThat(scanner.start()).isEqualTo(whole.length);
    }
  }

  @Test
  void aFrameOfTheWrongSideIsRefused() {
    byte[] frame = TextFrame.of("a server's");

    assertThatThrownBy(() -> scanner.over(ByteBuffer.wrap(frame), 0, frame.length, true).next())
        .isInstanceOf(ProtocolException.class);
  }
}

package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BlocksTest {
  private static final int KEPT = 64;

  private final Blocks blocks = new Blocks();

  @Test
  void blockIsUsedAgainAndEmpty() {
    ByteBuffer block = blocks.take().put((byte) 1).flip();

    blocks.give(block);

    assertThat(blocks.take()).isSameAs(block);
    assertThat(block.position()).isZero();
    assertThat(block.remaining()).isEqualTo(Blocks.SIZE);
  }

  @Test
  void bufferOfAnotherSizeIsNotKept() {
    ByteBuffer larger = ByteBuffer.allocate(Blocks.SIZE + 1);

    blocks.give(larger);

    assertThat(blocks.take()).isNotSameAs(larger);
  }

  @Test
  void burstLeavesNoMoreThanAFewBlocksBehind() {
    List<ByteBuffer> burst = Stream.generate(blocks::take).limit(KEPT + 10).toList();
    Set<ByteBuffer> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.addAll(burst);

    burst.forEach(blocks::give);

    assertThat(Stream.generate(blocks::take).limit(KEPT + 10).filter(known::contains))
        .hasSize(KEPT);
  }
}

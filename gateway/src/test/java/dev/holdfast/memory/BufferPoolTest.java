package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  private final BufferPool pool = new BufferPool(4L * BufferPool.BLOCK);

  private ByteBuffer take(int capacity) {
    return Objects.requireNonNull(pool.take(capacity));
  }

  @Test
  void blocksAreUsedAgain() {
    ByteBuffer first = take(1);
    first.put((byte) 1).limit(5);
    pool.give(first);

    ByteBuffer second = take(BufferPool.BLOCK);

    assertThat(second).isSameAs(first);
    assertThat(second.position()).isZero();
    assertThat(second.remaining()).isEqualTo(BufferPool.BLOCK);
  }

  @Test
  void buffersOfMoreThanABlockAreLargeBlocksOrAsLargeAsAsked() {
    BufferPool roomy = new BufferPool(1 << 20);

    assertThat(Objects.requireNonNull(roomy.take(BufferPool.BLOCK + 1)).capacity())
        .isEqualTo(BufferPool.LARGE);
    assertThat(Objects.requireNonNull(roomy.take(BufferPool.LARGE + 1)).capacity())
        .isEqualTo(BufferPool.LARGE + 1);
  }

  @Test
  void nothingIsGivenBeyondTheBudget() {
    ByteBuffer block = take(BufferPool.BLOCK);

    assertThat(pool.take(3 * BufferPool.BLOCK + 1)).isNull();
    assertThat(pool.taken()).isEqualTo(BufferPool.BLOCK);
    pool.give(block);

    assertThat(pool.take(4 * BufferPool.BLOCK)).isNotNull();
  }

  @Test
  void smallBlocksAreUsedAgainAsSmallOnes() {
    ByteBuffer small = Objects.requireNonNull(pool.takeSmall());
    assertThat(small.capacity()).isEqualTo(BufferPool.SMALL);
    assertThat(pool.taken()).isEqualTo(BufferPool.SMALL);
    pool.give(small.position(9));

    assertThat(take(1)).isNotSameAs(small);
    ByteBuffer again = Objects.requireNonNull(pool.takeSmall());

    assertThat(again).isSameAs(small);
    assertThat(again.position()).isZero();
  }

  @Test
  void poolIsShortWhenLessThanATenthIsLeft() {
    for (int i = 0; i < 3; i++) {
      take(BufferPool.BLOCK);
    }
    assertThat(pool.isShort()).isFalse();

    ByteBuffer last = take(1);

    assertThat(pool.isShort()).isTrue();
    assertThat(pool.takeSmall()).isNull();
    pool.give(last);
    assertThat(pool.isShort()).isFalse();
  }

  @Test
  void whatIsKeptElsewhereLeavesATenthForBuffers() {
    BufferPool ten = new BufferPool(10L * BufferPool.BLOCK);

    assertThat(ten.reserve(9L * BufferPool.BLOCK)).isTrue();
    assertThat(ten.reserve(1)).isFalse();
    assertThat(ten.take(1)).isNotNull();
    ten.release(9L * BufferPool.BLOCK);

    assertThat(ten.taken()).isEqualTo(BufferPool.BLOCK);
  }
}

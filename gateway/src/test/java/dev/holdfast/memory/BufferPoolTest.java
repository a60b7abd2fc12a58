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
  void largerBuffersAreAsLargeAsAsked() {
    assertThat(take(BufferPool.BLOCK + 1).capacity()).isEqualTo(BufferPool.BLOCK + 1);
  }

  @Test
  void nothingIsGivenBeyondTheBudget() {
    ByteBuffer most = take(3 * BufferPool.BLOCK);

    assertThat(pool.take(BufferPool.BLOCK + 1)).isNull();
    assertThat(pool.taken()).isEqualTo(3L * BufferPool.BLOCK);
    pool.give(most);

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
    take(3 * BufferPool.BLOCK);
    assertThat(pool.isShort()).isFalse();

    ByteBuffer last = take(1);

    assertThat(pool.isShort()).isTrue();
    assertThat(pool.takeSmall()).isNull();
    pool.give(last);
    assertThat(pool.isShort()).isFalse();
  }
}

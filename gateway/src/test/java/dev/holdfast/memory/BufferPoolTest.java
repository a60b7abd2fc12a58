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
}

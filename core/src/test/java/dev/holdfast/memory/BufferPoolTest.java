package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BufferPoolTest {
  /** As the JDK says it. */
  private static final String USED_UP =
      "Cannot reserve 16384 bytes of direct buffer memory (allocated: 1, limit: 1)";

  private final BufferPool pool = new BufferPool(4L * BufferPool.BLOCK);

  private ByteBuffer take(int capacity) {
    return Objects.requireNonNull(pool.take(capacity));
  }

  /** What a system without memory says. */
  private static ByteBuffer fail(int size) {
    throw new OutOfMemoryError("cannot reserve " + size);
  }

  @Test
  void allocationThatFailsGivesItsBudgetBack() {
    BufferPool failing = new BufferPool(1 << 20, BufferPoolTest::fail);

    for (int capacity : new int[] {1, BufferPool.BLOCK + 1, BufferPool.LARGE + 1}) {
      assertThatThrownBy(() -> failing.take(capacity)).isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> failing.overdraw(capacity)).isInstanceOf(OutOfMemoryError.class);
    }
    assertThatThrownBy(failing::takeSmall).isInstanceOf(OutOfMemoryError.class);

    assertThat(failing.taken()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void withWhatIsKeptThereIsNoMoreThanTheBudget(long seed) {
    Random random = new Random(seed);
    long budget = 4L * BufferPool.LARGE;
    BufferPool some = new BufferPool(budget, ByteBuffer::allocate);
    List<ByteBuffer> held = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      int before = held.size();
      switch (random.nextInt(6)) {
        case 0 -> add(held, some.take(BufferPool.LARGE));
        case 1 -> add(held, some.take(BufferPool.BLOCK));
        case 2 -> add(held, some.takeSmall());
        default -> {
          if (before > 0) {
            some.give(held.remove(random.nextInt(before)));
          }
        }
      }
      assertThat(some.taken() + some.kept()).isBetween(0L, budget);
    }
    held.forEach(some::give);

    assertThat(some.taken()).isZero();
    assertThat(some.kept()).isPositive();
  }

  private static void add(List<ByteBuffer> held, @Nullable ByteBuffer buffer) {
    if (buffer != null) {
      held.add(buffer);
    }
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

  /** Every way to take a buffer. */
  static Stream<Consumer<BufferPool>> ways() {
    return Stream.of(
        pool -> Objects.requireNonNull(pool.takeSmall()),
        pool -> Objects.requireNonNull(pool.take(1)),
        pool -> Objects.requireNonNull(pool.take(BufferPool.BLOCK + 1)),
        pool -> Objects.requireNonNull(pool.take(BufferPool.LARGE + 1)),
        pool -> pool.overdraw(1),
        pool -> pool.overdraw(BufferPool.LARGE + 1));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void bufferThatCannotBeHadTakesNothingOfTheBudget(Consumer<BufferPool> way) {
    for (Error error :
        List.of(
            new OutOfMemoryError(USED_UP), new OutOfMemoryError("x"), new StackOverflowError())) {
      BufferPool failing =
          new BufferPool(
              1 << 20,
              size -> {
                throw error;
              });

      assertThatThrownBy(() -> way.accept(failing)).isSameAs(error);

      assertThat(failing.taken()).isZero();
    }
  }

  @Test
  void blocksThatWaitForTheirNextUseMakeRoom() {
    AtomicBoolean full = new AtomicBoolean();
    BufferPool shedding =
        new BufferPool(
            1 << 20,
            size -> {
              if (full.getAndSet(false)) {
                throw new OutOfMemoryError(USED_UP);
              }
              return ByteBuffer.allocate(size);
            });
    ByteBuffer small = Objects.requireNonNull(shedding.takeSmall());
    ByteBuffer block = Objects.requireNonNull(shedding.take(1));
    ByteBuffer large = Objects.requireNonNull(shedding.take(BufferPool.LARGE));
    Stream.of(small, block, large).forEach(shedding::give);

    full.set(true);
    assertThat(shedding.take(BufferPool.LARGE + 1)).isNotNull();

    assertThat(shedding.taken()).isEqualTo(BufferPool.LARGE + 1);
    assertThat(shedding.takeSmall()).isNotSameAs(small);
    assertThat(shedding.take(1)).isNotSameAs(block);
    assertThat(shedding.take(BufferPool.LARGE)).isNotSameAs(large);
  }
}

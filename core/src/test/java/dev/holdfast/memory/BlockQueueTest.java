package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockQueueTest {
  private final BufferPool pool = new BufferPool(4L * BufferPool.BLOCK);
  private final BlockQueue queue = new BlockQueue(pool);

  private static ByteBuffer bytes(int length) {
    return ByteBuffer.allocate(length);
  }

  @Test
  void emptyQueueHoldsNothing() {
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.head()).isNull();
    queue.taken();
    assertThat(pool.taken()).isZero();
  }

  @Test
  void onlyWhatIsCommittedMayLeave() {
    queue.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0, 2);
    assertThat(queue.head()).isNull();
    queue.commit();
    queue.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), 2, 3);

    assertThat(queue.head()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(queue.bytes()).isEqualTo(3);
  }

  @Test
  void whatIsAppendedTogetherStaysInOneBlock() {
    queue.append(bytes(BufferPool.BLOCK - 1), 0, BufferPool.BLOCK - 1);
    queue.append(bytes(2), 0, 2);
    queue.append(bytes(BufferPool.BLOCK + 5), 0, BufferPool.BLOCK + 5);
    queue.commit();

    List<Integer> lengths = new ArrayList<>();
    ByteBuffer head = queue.head();
    while (head != null) {
      lengths.add(head.remaining());
      head.position(head.limit());
      queue.taken();
      head = queue.head();
    }

    assertThat(lengths).containsExactly(BufferPool.BLOCK - 1, 2, BufferPool.BLOCK + 5);
    assertThat(pool.taken()).isZero();
  }

  @Test
  void budgetIsKept() {
    assertThat(queue.append(bytes(1), 0, 1)).isTrue();
    assertThat(queue.append(bytes(4 * BufferPool.BLOCK), 0, 4 * BufferPool.BLOCK)).isFalse();

    assertThat(queue.bytes()).isEqualTo(1);
    assertThat(pool.taken()).isEqualTo(BufferPool.BLOCK);
  }

  @Test
  void forgottenBytesGoBackToThePool() {
    queue.append(bytes(10), 0, 10);
    queue.commit();

    queue.clear();

    assertThat(queue.isEmpty()).isTrue();
    assertThat(pool.taken()).isZero();
  }

  @Test
  void bytesLeaveInTheOrderInWhichTheyCame() {
    Random random = new Random(7);
    int in = 0;
    int out = 0;
    for (int round = 0; round < 10_000; round++) {
      ByteBuffer some = bytes(random.nextInt(200));
      for (int i = 0; i < some.capacity(); i++) {
        some.put(i, (byte) in++);
      }
      assertThat(queue.append(some, 0, some.capacity())).isTrue();
      queue.commit();
      int take = random.nextInt(250);
      ByteBuffer head = queue.head();
      while (head != null && take-- > 0) {
        while (head.hasRemaining() && take-- > 0) {
          assertThat(head.get()).isEqualTo((byte) out++);
        }
        queue.taken();
        head = queue.head();
      }
    }
  }

  @Test
  void whatIsNotCommittedCanBeTakenBack() {
    queue.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0, 3);
    queue.commit();
    queue.append(bytes(100), 0, 100);
    queue.append(bytes(BufferPool.BLOCK), 0, BufferPool.BLOCK);

    queue.rollback();
    queue.append(ByteBuffer.wrap(new byte[] {4}), 0, 1);
    queue.commit();

    assertThat(queue.head()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    assertThat(pool.taken()).isEqualTo(BufferPool.BLOCK);
  }

  @Test
  void rollbackOfEverythingHoldsNothing() {
    queue.rollback();
    queue.append(bytes(100), 0, 100);
    queue.append(bytes(2 * BufferPool.BLOCK), 0, 2 * BufferPool.BLOCK);

    queue.rollback();

    assertThat(queue.isEmpty()).isTrue();
    assertThat(pool.taken()).isZero();
    queue.rollback();
    assertThat(queue.head()).isNull();
  }

  @Test
  void rollbackLeavesWhatIsPartlyTaken() {
    queue.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0, 3);
    queue.commit();
    queue.append(bytes(5), 0, 5);
    ByteBuffer head = Objects.requireNonNull(queue.head());
    head.get();
    queue.taken();

    queue.rollback();

    assertThat(queue.bytes()).isEqualTo(2);
    assertThat(queue.head()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
  }
}

package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpoolTest {
  private static final int BUDGET = 8 * BufferPool.BLOCK;

  private final BufferPool pool = new BufferPool(BUDGET);
  private Spool spool = new Spool(pool, 0);

  private boolean add(byte[] bytes) {
    ByteBuffer room = spool.room(bytes.length);
    if (room == null) {
      return false;
    }
    room.put(bytes);
    spool.added();
    return true;
  }

  private boolean add(int length) {
    return add(new byte[length]);
  }

  private int send() {
    int bytes = 0;
    for (ByteBuffer next = spool.unsent(); next != null; next = spool.unsent()) {
      bytes += next.remaining();
      spool.sent();
    }
    return bytes;
  }

  @Test
  void emptySpoolHoldsNothing() {
    assertThat(spool.unsent()).isNull();
    spool.added();
    spool.sent();
    spool.release(10);
    spool.clear();

    assertThat(spool.end()).isZero();
    assertThat(spool.start()).isZero();
    assertThat(pool.taken()).isZero();
  }

  @Test
  void aLittleTakesASmallBlock() {
    add(10);
    assertThat(spool.memory()).isEqualTo(BufferPool.SMALL);
    add(BufferPool.SMALL);
    assertThat(spool.memory()).isEqualTo(BufferPool.SMALL + BufferPool.BLOCK);
  }

  @Test
  void whatIsLargerThanABlockTakesItsOwn() {
    add(3 * BufferPool.BLOCK);

    assertThat(spool.memory()).isGreaterThanOrEqualTo(3L * BufferPool.BLOCK);
    assertThat(send()).isEqualTo(3 * BufferPool.BLOCK);
  }

  @Test
  void roomThatIsNotUsedIsNoBytes() {
    assertThat(spool.room(100)).isNotNull();
    add(7);

    assertThat(spool.end()).isEqualTo(7);
  }

  @Test
  void onlySentBytesAreReleased() {
    add(1000);
    add(10_000);
    spool.release(Long.MAX_VALUE);
    assertThat(spool.start()).isZero();
    assertThat(send()).isEqualTo(11_000);

    spool.release(999);
    assertThat(spool.start()).isZero();
    spool.release(1000);
    assertThat(spool.start()).isEqualTo(1000);
    spool.release(11_000);

    assertThat(spool.start()).isEqualTo(11_000);
    assertThat(pool.taken()).isZero();
    add(5);
    assertThat(send()).isEqualTo(5);
    assertThat(spool.cursor()).isEqualTo(11_005);
  }

  @Test
  void nothingIsTakenBeyondTheBudget() {
    assertThat(add(BUDGET)).isTrue();
    assertThat(add(1)).isFalse();

    assertThat(spool.end()).isEqualTo(BUDGET);
  }

  @Test
  void positionsGoOnAfterClear() {
    add(20);
    spool.clear();
    assertThat(pool.taken()).isZero();

    add(5);

    assertThat(spool.start()).isEqualTo(20);
    assertThat(spool.end()).isEqualTo(25);
  }

  @Test
  void bytesAreShownAtTheirPositions() {
    SplittableRandom random = new SplittableRandom(5);
    spool = new Spool(pool, 100);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int round = 0; round < 20_000; round++) {
      byte[] some = new byte[1 + random.nextInt(300)];
      random.nextBytes(some);
      assertThat(add(some)).isTrue();
      all.writeBytes(some);
      if (random.nextInt(4) == 0) {
        sendOne(all.toByteArray(), random);
      }
      if (all.size() > 40_000) {
        assertThat(send()).isNotNegative();
        check(all.toByteArray(), random);
        spool.release(spool.end());
        assertThat(pool.taken()).isZero();
        spool = new Spool(pool, 100);
        all.reset();
      }
    }
  }

  private void sendOne(byte[] all, SplittableRandom random) {
    ByteBuffer next = spool.unsent();
    if (next != null) {
      byte[] sent = new byte[next.remaining()];
      int from = (int) spool.cursor() - 100;
      next.get(sent);
      spool.sent();
      assertThat(sent).isEqualTo(Arrays.copyOfRange(all, from, from + sent.length));
      spool.release(100L + random.nextInt(all.length));
    }
  }

  private void check(byte[] all, SplittableRandom random) {
    long from = spool.start() + random.nextInt((int) (spool.end() - spool.start()) + 1);
    long to = from + random.nextInt((int) (spool.end() - from) + 1);
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    spool.visit(
        from,
        to,
        (buffer, first, last, position) -> {
          assertThat(position).isEqualTo(from + shown.size());
          for (int i = first; i < last; i++) {
            shown.write(buffer.get(i));
          }
        });
    assertThat(shown.toByteArray())
        .isEqualTo(Arrays.copyOfRange(all, (int) from - 100, (int) to - 100));
  }

  @Test
  void sendingGoesOnWhereItWasWhenMoreIsAdded() {
    add(new byte[] {1, 2});
    spool.unsent();
    spool.sent();
    add(new byte[] {3});

    ByteBuffer next = Objects.requireNonNull(spool.unsent());

    assertThat(next.remaining()).isEqualTo(1);
    assertThat(next.get()).isEqualTo((byte) 3);
  }

  @Test
  void nothingIsShownFromAPositionToOneBeforeIt() {
    add(new byte[] {1, 2, 3});
    long end = spool.end();

    spool.visit(
        end - 1,
        end - 2,
        (buffer, first, last, position) -> {
          throw new AssertionError("shown from " + first + " to " + last);
        });
  }
}

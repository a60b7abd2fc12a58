package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapTrimTest {
  private static final long MIB = 1 << 20;

  private long collections;
  private long committed = 20 * MIB;
  private int trims;
  private final HeapTrim trim = new HeapTrim(() -> collections, () -> committed, this::collect);

  @Test
  void heapIsLeftAloneWhileTheProcessAllocates() {
    for (int i = 0; i < 10; i++) {
      collections++;
      committed += MIB;
      trim.look();
    }

    assertThat(trims).isZero();
  }

  @Test
  void heapOfABurstIsGivenBackWhenNothingIsCollectedAnyMore() {
    trim.look();
    collections += 50;
    committed = 128 * MIB;
    trim.look();
    assertThat(trims).isZero();

    trim.look();

    assertThat(trims).isOne();
    assertThat(committed).isEqualTo(20 * MIB);
  }

  @Test
  void heapThatHasHardlyGrownIsNotCollectedAgain() {
    trim.look();
    trim.look();
    assertThat(trims).isOne();

    committed = 24 * MIB;
    trim.look();
    trim.look();
    assertThat(trims).isOne();

    committed = 26 * MIB;
    trim.look();
    assertThat(trims).isEqualTo(2);
  }

  private void collect() {
    trims++;
    collections++;
    committed = 20 * MIB;
  }
}

package dev.holdfast.memory;

import java.nio.ByteBuffer;

/** Buffer pools for tests of something else. */
public final class TestPools {
  private TestPools() {}

  /** A pool of so many bytes; {@code taking} runs before a buffer is allocated, and may throw. */
  public static BufferPool of(long budget, Runnable taking) {
    return new BufferPool(
        budget,
        size -> {
          taking.run();
          return ByteBuffer.allocateDirect(size);
        });
  }
}

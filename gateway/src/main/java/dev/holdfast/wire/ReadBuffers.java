package dev.holdfast.wire;

import java.nio.ByteBuffer;

/** The buffer that every read of an I/O thread goes into, so that idle connections hold none. */
final class ReadBuffers {
  /** As much as a socket's receive buffer usually gives at once. */
  private static final int BYTES = 64 * 1024;

  private static final ThreadLocal<ByteBuffer> OF_THREAD =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BYTES));

  private ReadBuffers() {}

  static ByteBuffer ofThread() {
    return OF_THREAD.get().clear();
  }
}

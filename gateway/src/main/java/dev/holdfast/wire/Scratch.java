package dev.holdfast.wire;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;

/**
 * What every read of an I/O thread works in. Idle connections hold none of it, and a thread that
 * serves many finds it in its caches.
 */
final class Scratch {
  /** As much as a socket's receive buffer usually gives at once. */
  private static final int BYTES = 64 * 1024;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
  final FrameHeader header = new FrameHeader();
  final Message message = new Message();

  private Scratch() {}

  static Scratch ofThread() {
    return OF_THREAD.get();
  }
}

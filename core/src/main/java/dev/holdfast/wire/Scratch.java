package dev.holdfast.wire;

import dev.holdfast.protocol.FrameScanner;
import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;

/**
 * Working memory for the reads of an I/O thread. Idle connections hold none of it, and on a thread
 * that serves many connections it stays in the CPU caches.
 */
final class Scratch {
  /** As much as a socket's receive buffer usually yields in one read. */
  private static final int BYTES = 64 * 1024;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
  final FrameScanner frames = new FrameScanner();
  final Message message = new Message();

  private Scratch() {}

  static Scratch ofThread() {
    return OF_THREAD.get();
  }
}

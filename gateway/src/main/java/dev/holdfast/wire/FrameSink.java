package dev.holdfast.wire;

import java.nio.ByteBuffer;

/** Where whole frames go, and whose own frames can be held back. Confined to its owner's thread. */
public interface FrameSink {
  /** Takes whole frames, all or none; false if it can take none now. */
  boolean send(ByteBuffer frames);

  /** Stops reading; what was read already is still handed over. */
  void pauseReads();

  /** Reads again after {@link #pauseReads}. */
  void resumeReads();
}

package dev.holdfast.wire;

import java.nio.ByteBuffer;

/** Sends whole frames, and can pause those of the peer. Confined to its owner's thread. */
public interface FrameSink {
  /** Takes whole frames, all or none. Returns false if it can take none now. */
  boolean send(ByteBuffer frames);

  /** Pauses reading. Frames that were already read are still delivered. */
  void pauseReads();

  /** Resumes reading after {@link #pauseReads}. */
  void resumeReads();
}

package dev.holdfast.wire;

/** Counts received frames and bytes, once per read. */
public interface Traffic {
  /** Records the frames that one read completed, and the bytes that it returned. */
  void received(long frames, long bytes);
}

package dev.holdfast.wire;

/** Counts what arrives, once for each read. */
public interface Traffic {
  /** Frames that one read completed, and the bytes that it brought. */
  void received(long frames, long bytes);
}

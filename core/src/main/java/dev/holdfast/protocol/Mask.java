package dev.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Masking of payloads, RFC 6455 section 5.3. A key has four bytes, the first most significant. Key
 * 0 changes nothing and denotes an unmasked payload.
 */
public final class Mask {
  private Mask() {}

  /** Masks or unmasks the byte at {@code offset} of a payload. Returns 0 to 255. */
  public static int unmasked(int octet, int key, int offset) {
    return (octet ^ (key >>> (24 - ((offset & 3) << 3)))) & 0xFF;
  }

  /** Returns the key for bytes that start at {@code offset} of the payload. */
  public static int rotated(int key, long offset) {
    return Integer.rotateLeft(key, (int) (offset & 3) << 3);
  }

  /** Masks or unmasks bytes {@code from} to {@code to} in place, eight at a time. */
  public static void apply(ByteBuffer buffer, int from, int to, int key) {
    if (key == 0) {
      return;
    }
    int wordKey = buffer.order() == ByteOrder.BIG_ENDIAN ? key : Integer.reverseBytes(key);
    long twice = ((long) wordKey << 32) | (wordKey & 0xFFFFFFFFL);
    int index = from;
    for (; index + 8 <= to; index += 8) {
      buffer.putLong(index, buffer.getLong(index) ^ twice);
    }
    for (; index < to; index++) {
      buffer.put(index, (byte) unmasked(buffer.get(index), key, index - from));
    }
  }
}

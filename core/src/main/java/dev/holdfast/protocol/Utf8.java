package dev.holdfast.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An incremental UTF-8 validator, RFC 3629. The state encodes which byte may come next: {@link
 * #START} between characters, {@link #INVALID} after an error, otherwise {@code bytes left << 16 |
 * lowest << 8 | highest}.
 */
public final class Utf8 {
  /** The state before the first byte and after each complete character. */
  public static final int START = 0;

  /** The state after a byte that is not valid UTF-8 at its position. */
  public static final int INVALID = -1;

  private static final long NON_ASCII = 0x8080808080808080L;

  private Utf8() {}

  /**
   * Returns the state after the bytes from {@code from} to {@code to}.
   *
   * @param key their masking key, whose first byte applies to {@code from}; 0 for none
   * @param state the state before these bytes
   */
  public static int check(ByteBuffer buffer, int from, int to, int key, int state) {
    int wordKey = buffer.order() == ByteOrder.BIG_ENDIAN ? key : Integer.reverseBytes(key);
    long twice = ((long) wordKey << 32) | (wordKey & 0xFFFFFFFFL);
    int index = from;
    int now = state;
    while (index < to) {
      // A word must be aligned with the key; otherwise the key would have to be rotated.
      if (now == START && ((index - from) & 3) == 0) {
        index = skipAscii(buffer, index, to, twice);
        if (index == to) {
          break;
        }
      }
      now = next(now, Mask.unmasked(buffer.get(index), key, index - from));
      if (now == INVALID) {
        return INVALID;
      }
      index++;
    }
    return now;
  }

  /**
   * Returns the index of the first word that is not all ASCII; four words at a time save three
   * branches.
   */
  private static int skipAscii(ByteBuffer buffer, int from, int to, long key) {
    int index = from;
    while (index + 32 <= to
        && (((buffer.getLong(index) ^ key)
                    | (buffer.getLong(index + 8) ^ key)
                    | (buffer.getLong(index + 16) ^ key)
                    | (buffer.getLong(index + 24) ^ key))
                & NON_ASCII)
            == 0) {
      index += 32;
    }
    while (index + 8 <= to && ((buffer.getLong(index) ^ key) & NON_ASCII) == 0) {
      index += 8;
    }
    return index;
  }

  private static int next(int state, int octet) {
    if (state == START) {
      return first(octet);
    }
    if (octet < ((state >>> 8) & 0xFF) || octet > (state & 0xFF)) {
      return INVALID;
    }
    int left = (state >>> 16) - 1;
    return left == 0 ? START : follow(left, 0x80, 0xBF);
  }

  private static int first(int octet) {
    if (octet < 0x80) {
      return START;
    }
    if (octet < 0xC2 || octet > 0xF4) {
      return INVALID;
    }
    if (octet < 0xE0) {
      return follow(1, 0x80, 0xBF);
    }
    if (octet < 0xF0) {
      // Excludes overlong forms and surrogates.
      return follow(2, octet == 0xE0 ? 0xA0 : 0x80, octet == 0xED ? 0x9F : 0xBF);
    }
    return follow(3, octet == 0xF0 ? 0x90 : 0x80, octet == 0xF4 ? 0x8F : 0xBF);
  }

  private static int follow(int left, int lowest, int highest) {
    return left << 16 | lowest << 8 | highest;
  }
}

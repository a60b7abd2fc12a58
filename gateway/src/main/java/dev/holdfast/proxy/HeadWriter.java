package dev.holdfast.proxy;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes the head of a message. Characters map to bytes (ISO 8859-1); one that would end a line or
 * word early is rejected. Confined to its I/O thread, which reuses it.
 */
final class HeadWriter {
  private byte[] bytes = new byte[4096];
  private int length;

  /** A character that is not allowed in a head. */
  static final class IllegalCharacter extends Exception {
    private static final long serialVersionUID = 1L;

    IllegalCharacter(String where) {
      super("illegal character in " + where);
    }
  }

  /** Discards the content. */
  HeadWriter clear() {
    length = 0;
    return this;
  }

  /** Appends a word of the first line, which must not contain blanks or control characters. */
  HeadWriter word(String word, String what) throws IllegalCharacter {
    int at = room(word.length());
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c <= ' ' || c == 0x7f || c > 0xff) {
        throw new IllegalCharacter(what);
      }
      bytes[at + i] = (byte) c;
    }
    return this;
  }

  /** Appends text that is constant or was validated. */
  HeadWriter text(String text) {
    int at = room(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[at + i] = (byte) text.charAt(i);
    }
    return this;
  }

  /**
   * Appends a header with a peer's value, which may contain any character that ends no line: RFC
   * 9110 §5.5.
   */
  HeadWriter header(String name, String value) throws IllegalCharacter {
    text(name).text(": ");
    int at = room(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\r' || c == '\n' || c == 0 || c > 0xff) {
        throw new IllegalCharacter("header " + name);
      }
      bytes[at + i] = (byte) c;
    }
    return text("\r\n");
  }

  /** Appends bytes unchanged. */
  HeadWriter raw(ByteBuffer some) {
    int count = some.remaining();
    int at = room(count);
    some.get(bytes, at, count);
    return this;
  }

  private int room(int more) {
    int at = length;
    length += more;
    if (length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length, bytes.length * 2));
    }
    return at;
  }

  /** Returns a copy of the content. */
  ByteBuffer toBuffer() {
    return ByteBuffer.wrap(Arrays.copyOf(bytes, length));
  }

  /** Returns the content in a block, or in a separate buffer if it is larger. */
  ByteBuffer toBlock(Blocks blocks) {
    ByteBuffer block = length <= Blocks.SIZE ? blocks.take() : ByteBuffer.allocateDirect(length);
    return block.put(bytes, 0, length).flip();
  }
}

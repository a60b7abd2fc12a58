package dev.holdfast.protocol;

import java.nio.ByteBuffer;

/**
 * The header of one frame, RFC 6455 section 5.2, decoded in place in a buffer.
 *
 * <pre>
 *   FIN RSV1-3 opcode(4) | MASK length(7) | length(16 or 64) | masking key(32) | payload
 * </pre>
 *
 * Reused for many headers, since the event path must not allocate. Confined to its owner.
 */
public final class FrameHeader {
  /** Maximum size of a header, in bytes. */
  public static final int MAX_BYTES = 14;

  private static final int FIN = 0x80;
  private static final int RESERVED = 0x70;
  private static final int MASKED = 0x80;
  private static final int SHORT_LENGTH = 126;
  private static final int LONG_LENGTH = 127;
  private static final int MAX_CONTROL = 125;

  private boolean fin;
  private int opcode;
  private int maskKey;
  private int payload;
  private long length;

  /**
   * Decodes the header that starts at {@code index}.
   *
   * @param masked whether the peer must mask (a client must, a server must not)
   * @return false if the bytes before {@code limit} do not hold the whole header
   * @throws ProtocolException if the header violates RFC 6455
   */
  public boolean read(ByteBuffer buffer, int index, int limit, boolean masked)
      throws ProtocolException {
    if (limit - index < 2) {
      return false;
    }
    int first = buffer.get(index) & 0xFF;
    int second = buffer.get(index + 1) & 0xFF;
    check(first, second, masked);
    int shortLength = second & 0x7F;
    int keyIndex =
        index + 2 + (shortLength < SHORT_LENGTH ? 0 : shortLength == SHORT_LENGTH ? 2 : 8);
    int payloadIndex = keyIndex + (masked ? 4 : 0);
    if (limit < payloadIndex) {
      return false;
    }
    fin = (first & FIN) != 0;
    opcode = first & 0x0F;
    length = length(buffer, index, shortLength);
    maskKey = masked ? buffer.getInt(keyIndex) : 0;
    payload = payloadIndex;
    return true;
  }

  /** Returns whether the frame that starts at {@code index} is masked. */
  public static boolean isMasked(ByteBuffer buffer, int index) {
    return (buffer.get(index + 1) & MASKED) != 0;
  }

  private static void check(int first, int second, boolean masked) throws ProtocolException {
    int opcode = first & 0x0F;
    if ((first & RESERVED) != 0) {
      throw new ProtocolException("reserved bits are set and no extension was agreed");
    }
    if (!Opcode.isKnown(opcode)) {
      throw new ProtocolException("unknown opcode " + opcode);
    }
    if (((second & MASKED) != 0) != masked) {
      throw new ProtocolException(
          masked ? "a client's frame is not masked" : "a server's frame is masked");
    }
    if (Opcode.isControl(opcode) && ((first & FIN) == 0 || (second & 0x7F) > MAX_CONTROL)) {
      throw new ProtocolException("a control frame is fragmented or longer than 125 bytes");
    }
  }

  private static long length(ByteBuffer buffer, int index, int shortLength)
      throws ProtocolException {
    if (shortLength < SHORT_LENGTH) {
      return shortLength;
    }
    if (shortLength == SHORT_LENGTH) {
      int length = buffer.getShort(index + 2) & 0xFFFF;
      if (length < SHORT_LENGTH) {
        throw new ProtocolException("length " + length + " is not in its shortest form");
      }
      return length;
    }
    long length = buffer.getLong(index + 2);
    if (length < 0 || length <= 0xFFFF) {
      throw new ProtocolException(
          "length " + Long.toUnsignedString(length) + " is not in its shortest form or over 2^63");
    }
    return length;
  }

  /** Returns whether this frame is the last of its message. */
  public boolean fin() {
    return fin;
  }

  /** Returns the opcode, one of {@link Opcode}. */
  public int opcode() {
    return opcode;
  }

  /** Returns the masking key, first byte most significant; 0 if the frame is not masked. */
  public int maskKey() {
    return maskKey;
  }

  /** Returns the index of the payload's first byte. */
  public int payload() {
    return payload;
  }

  /** Returns the length of the payload, in bytes. */
  public long length() {
    return length;
  }

  /** Returns the index after the payload; only meaningful for payloads that fit into a buffer. */
  public long end() {
    return payload + length;
  }

  /**
   * Returns the size of the header of an unmasked frame, in bytes.
   *
   * @param length bytes of the payload
   */
  public static int bytes(long length) {
    return length < SHORT_LENGTH ? 2 : length <= 0xFFFF ? 4 : 10;
  }

  /** Writes the header of an unmasked, unfragmented frame at the buffer's position. */
  public static void write(ByteBuffer target, int opcode, long length) {
    write(target, opcode, length, 0);
  }

  /** Writes the header of a masked, unfragmented frame at the buffer's position. */
  public static void writeMasked(ByteBuffer target, int opcode, long length, int key) {
    write(target, opcode, length, MASKED);
    target.putInt(key);
  }

  private static void write(ByteBuffer target, int opcode, long length, int masked) {
    target.put((byte) (FIN | opcode));
    if (length < SHORT_LENGTH) {
      target.put((byte) (masked | (int) length));
    } else if (length <= 0xFFFF) {
      target.put((byte) (masked | SHORT_LENGTH)).putShort((short) length);
    } else {
      target.put((byte) (masked | LONG_LENGTH)).putLong(length);
    }
  }
}

package dev.holdfast.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A DER value, X.690 §8.1 and §10.1, with a single-byte tag. Immutable. */
final class Der {
  static final int INTEGER = 0x02;
  static final int OCTETS = 0x04;
  static final int NULL = 0x05;
  static final int OID = 0x06;
  static final int SEQUENCE = 0x30;

  private static final int LONG_LENGTH = 0x80;

  /** Longer lengths exceed the size of any key file. */
  private static final int LENGTH_BYTES = 3;

  private final int tag;
  private final byte[] content;

  private Der(int tag, byte[] content) {
    this.tag = tag;
    this.content = content;
  }

  /** Returns the identifier octet. */
  int tag() {
    return tag;
  }

  /** Returns the contents octets. */
  byte[] content() {
    return content.clone();
  }

  /** Parses a sequence of concatenated values. */
  static List<Der> all(byte[] bytes) throws IOException {
    List<Der> found = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int lengthAt = at + 1;
      int first = at(bytes, lengthAt);
      int more = first < LONG_LENGTH ? 0 : first - LONG_LENGTH;
      int length = more == 0 ? first : 0;
      if (first == LONG_LENGTH || more > LENGTH_BYTES) {
        throw malformed();
      }
      for (int i = 1; i <= more; i++) {
        length = length << 8 | at(bytes, lengthAt + i);
      }
      int from = lengthAt + 1 + more;
      if (length > bytes.length - from) {
        throw malformed();
      }
      found.add(new Der(bytes[at] & 0xff, Arrays.copyOfRange(bytes, from, from + length)));
      at = from + length;
    }
    return found;
  }

  private static int at(byte[] bytes, int index) throws IOException {
    if (index >= bytes.length) {
      throw malformed();
    }
    return bytes[index] & 0xff;
  }

  private static IOException malformed() {
    return new IOException("malformed DER");
  }

  /** Returns the elements of a sequence. */
  static List<Der> parts(byte[] bytes) throws IOException {
    List<Der> found = all(bytes);
    if (found.size() != 1) {
      throw malformed();
    }
    return all(found.get(0).content(SEQUENCE));
  }

  /** Returns the contents of an element, which must have this tag. */
  static byte[] part(List<Der> parts, int index, int tag) throws IOException {
    if (index >= parts.size()) {
      throw malformed();
    }
    return parts.get(index).content(tag);
  }

  private byte[] content(int expected) throws IOException {
    if (tag != expected) {
      throw malformed();
    }
    return content;
  }

  /** Formats an object identifier with dots, X.690 §8.19. */
  static String dotted(byte[] identifier) {
    StringBuilder text = new StringBuilder();
    BigInteger number = BigInteger.ZERO;
    for (byte b : identifier) {
      number = number.shiftLeft(7).or(BigInteger.valueOf(b & 0x7f));
      if (b >= 0) {
        if (text.isEmpty()) {
          int root = Math.min(number.intValue() / 40, 2);
          text.append(root).append('.').append(number.subtract(BigInteger.valueOf(40L * root)));
        } else {
          text.append('.').append(number);
        }
        number = BigInteger.ZERO;
      }
    }
    return text.toString();
  }

  /** Encodes a value with these contents. */
  static byte[] encoded(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(tag);
    byte[] length = BigInteger.valueOf(content.size()).toByteArray();
    if (content.size() >= LONG_LENGTH) {
      int from = length[0] == 0 ? 1 : 0;
      whole.write(LONG_LENGTH + length.length - from);
      whole.write(length, from, length.length - from);
    } else {
      whole.write(content.size());
    }
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }

  /** Encodes this value. */
  byte[] encoded() {
    return encoded(tag, content);
  }
}

package dev.holdfast.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads IP addresses: four decimal numbers, or RFC 4291 §2.2. Peers send them, so the time it takes
 * is linear in what is read, at most 45 characters, and no name reaches the resolver.
 */
public final class IpLiteral {
  /** The longest form: six groups and an IPv4 address. */
  private static final int MAX_LENGTH = 45;

  private static final int IPV4_BYTES = 4;
  private static final int GROUPS = 8;
  private static final int GROUP_DIGITS = 4;

  private IpLiteral() {}

  /**
   * The address that a literal stands for; empty for a host name or anything else. Numbers with
   * leading zeros are refused: some read them as octal.
   */
  public static Optional<InetAddress> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    byte[] bytes = text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
    try {
      return bytes == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  private static byte @Nullable [] ipv4(String text) {
    byte[] bytes = new byte[IPV4_BYTES];
    int at = 0;
    for (int i = 0; i < IPV4_BYTES; i++) {
      int end = i == IPV4_BYTES - 1 ? text.length() : text.indexOf('.', at);
      int number = end < 0 ? -1 : octet(text, at, end);
      if (number < 0) {
        return null;
      }
      bytes[i] = (byte) number;
      at = end + 1;
    }
    return bytes;
  }

  private static int octet(String text, int from, int to) {
    boolean leadingZero = to - from > 1 && text.charAt(from) == '0';
    int number = leadingZero || to - from > 3 ? -1 : number(text, from, to, 10);
    return number > 0xff ? -1 : number;
  }

  /** -1 if it is none. */
  private static int number(String text, int from, int to, int radix) {
    int number = from < to ? 0 : -1;
    for (int i = from; i < to && number >= 0; i++) {
      char c = text.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, radix) : -1;
      number = digit < 0 ? -1 : number * radix + digit;
    }
    return number;
  }

  private static byte @Nullable [] ipv6(String text) {
    int[] groups = new int[GROUPS];
    int count = 0;
    int gapAt = text.startsWith("::") ? 0 : -1;
    int at = gapAt < 0 ? 0 : 2;
    while (at < text.length()) {
      int colon = text.indexOf(':', at);
      int end = colon < 0 ? text.length() : colon;
      int added = add(groups, count, text.substring(at, end), colon < 0);
      if (added == 0) {
        return null;
      }
      count += added;
      at = end + 1;
      if (text.startsWith(":", at) && gapAt < 0) {
        gapAt = count;
        at++;
      } else if (colon == text.length() - 1) {
        return null;
      }
    }
    return gapAt < 0 ? whole(groups, count) : filled(groups, count, gapAt);
  }

  /** Adds a group, or the two of an IPv4 address at the end; how many, 0 if it is neither. */
  private static int add(int[] groups, int count, String text, boolean last) {
    byte[] ipv4 = last && text.indexOf('.') >= 0 ? ipv4(text) : null;
    if (ipv4 != null && count + 2 <= GROUPS) {
      ByteBuffer pairs = ByteBuffer.wrap(ipv4);
      groups[count] = Short.toUnsignedInt(pairs.getShort());
      groups[count + 1] = Short.toUnsignedInt(pairs.getShort());
      return 2;
    }
    int group = text.length() > GROUP_DIGITS ? -1 : number(text, 0, text.length(), 16);
    if (group < 0 || count == GROUPS) {
      return 0;
    }
    groups[count] = group;
    return 1;
  }

  private static byte @Nullable [] whole(int[] groups, int count) {
    return count == GROUPS ? bytes(groups) : null;
  }

  /** With zeros in the gap, which stands for one group at least. */
  private static byte @Nullable [] filled(int[] groups, int count, int gapAt) {
    if (count == GROUPS) {
      return null;
    }
    int[] all = new int[GROUPS];
    System.arraycopy(groups, 0, all, 0, gapAt);
    int behind = count - gapAt;
    System.arraycopy(groups, gapAt, all, GROUPS - behind, behind);
    return bytes(all);
  }

  private static byte[] bytes(int[] groups) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * GROUPS);
    for (int group : groups) {
      bytes.putShort((short) group);
    }
    return bytes.array();
  }
}

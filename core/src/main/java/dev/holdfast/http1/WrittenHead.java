package dev.holdfast.http1;

import dev.holdfast.http1.HttpResponseHead.Header;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Parts of a request head as written, which a server with a narrower grammar would refuse or
 * change. Characters are bytes (ISO 8859-1). Immutable.
 *
 * @param host the value of {@code Host}
 * @param fields all field lines if one of them is unusual: a value with anything but visible ASCII
 *     and single spaces, or several {@code Cookie} lines; otherwise none
 */
public record WrittenHead(String target, Optional<String> host, List<Header> fields) {
  /** Returns the field lines between these indices, each terminated by CRLF. */
  static List<Header> fields(ByteBuffer buffer, int from, int to) {
    List<Header> all = new ArrayList<>();
    int line = from;
    while (line < to) {
      int colon = indexOf(buffer, line, ':');
      int end = indexOf(buffer, colon, '\n');
      all.add(new Header(text(buffer, line, colon), value(buffer, colon + 1, end - 1)));
      line = end + 1;
    }
    return all;
  }

  private static int indexOf(ByteBuffer buffer, int from, char c) {
    int i = from;
    while (buffer.get(i) != c) {
      i++;
    }
    return i;
  }

  static String value(ByteBuffer buffer, int from, int to) {
    return strip(text(buffer, from, to));
  }

  static String text(ByteBuffer buffer, int from, int to) {
    byte[] some = new byte[to - from];
    buffer.get(from, some);
    return new String(some, StandardCharsets.ISO_8859_1);
  }

  /** Removes spaces and tabs at both ends, the only whitespace of HTTP: RFC 9110 §5.6.3. */
  static String strip(String value) {
    int from = 0;
    int to = value.length();
    while (from < to && isBlank(value.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(value.charAt(to - 1))) {
      to--;
    }
    return value.substring(from, to);
  }

  static boolean allMatch(String text, IntPredicate fits) {
    boolean all = true;
    for (int i = 0; i < text.length(); i++) {
      all &= fits.test(text.charAt(i));
    }
    return all;
  }

  static boolean isBlank(int c) {
    return c == ' ' || c == '\t';
  }
}

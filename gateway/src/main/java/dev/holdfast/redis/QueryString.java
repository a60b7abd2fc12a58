package dev.holdfast.redis;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Names and values as one line of text, in the form of a query: {@code user=u1&upstream=a%3A80}.
 * Who does not know a name leaves it out, so that nodes of different versions understand each
 * other.
 */
final class QueryString {
  private QueryString() {}

  static String encode(Map<String, String> values) {
    return values.entrySet().stream()
        .map(
            each ->
                each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  /**
   * What {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  static Map<String, String> decode(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String each : text.split("&", -1)) {
      int end = each.indexOf('=');
      if (end >= 0) {
        values.put(
            each.substring(0, end),
            URLDecoder.decode(each.substring(end + 1), StandardCharsets.UTF_8));
      }
    }
    return values;
  }
}

package dev.holdfast.redis;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Encodes names and values as a query string: {@code user=u1&upstream=a%3A80}. Unknown names are
 * ignored, so that nodes of different versions are compatible.
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
   * Decodes the output of {@link #encode}.
   *
   * @throws IllegalArgumentException if the text is malformed
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

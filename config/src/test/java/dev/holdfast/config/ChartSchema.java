package dev.holdfast.config;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes what the chart's {@code values.schema.json} says of settings out of their table. */
final class ChartSchema {
  /** The chart decides about these itself. */
  private static final List<Key<?>> OF_THE_CHART = List.of(EdgeKeys.LISTEN, EdgeKeys.ADMIN_LISTEN);

  private ChartSchema() {}

  /** The schema with these settings instead of those that it has. */
  static String updated(String schema) {
    return replaced(
        replaced(schema, "    \"settings\": {", "    }", settings()),
        "        \"keys\": {",
        "        }",
        secrets());
  }

  private static String replaced(String schema, String first, String last, String by) {
    int from = schema.indexOf("\n" + first) + 1;
    int to = schema.indexOf("\n" + last, from) + 1 + last.length();
    return schema.substring(0, from) + by + schema.substring(to);
  }

  /** They become a ConfigMap, so there are no secrets among them. */
  private static String settings() {
    String excluded =
        Stream.concat(Keys.all().stream().filter(Key::secret), OF_THE_CHART.stream())
            .map(key -> quoted(key.name()))
            .collect(Collectors.joining(", "));
    String properties =
        Keys.all().stream()
            .filter(key -> !key.secret() && !OF_THE_CHART.contains(key))
            .map(ChartSchema::property)
            .collect(Collectors.joining(",\n"));
    return """
            "settings": {
              "type": "object",
              "propertyNames": {
                "pattern": "^[a-z0-9-]+(\\\\.[a-z0-9-]+)*$",
                "not": { "enum": [%s] }
              },
              "properties": {
            %s
              }
            }"""
        .formatted(excluded, properties)
        .indent(4)
        .stripTrailing();
  }

  private static String property(Key<?> key) {
    return "    %s: { \"default\": %s, \"description\": %s }"
        .formatted(quoted(key.name()), quoted(key.fallback()), quoted(key.reason()));
  }

  /** The files of the Secret; redis.url has its password in one of its own. */
  private static String secrets() {
    String files =
        Keys.all().stream()
            .filter(key -> key.secret() && !key.equals(RedisKeys.URL))
            .map(key -> quoted(key.name().replace('.', '-')))
            .collect(Collectors.joining(", "));
    return """
                "keys": {
                  "type": "array",
                  "uniqueItems": true,
                  "items": { "enum": [%s] }
                }"""
        .formatted(files)
        .indent(8)
        .stripTrailing();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}

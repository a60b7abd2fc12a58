package dev.holdfast.config;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All settings, in the order in which they are documented. */
final class Keys {
  private static final List<Section> SECTIONS =
      List.of(
          EdgeKeys.KEYS,
          UpstreamKeys.KEYS,
          OpenWebUiKeys.KEYS,
          LimitKeys.KEYS,
          ResumeKeys.KEYS,
          RelinkKeys.KEYS,
          ProxyKeys.KEYS,
          RedisKeys.KEYS,
          NodeKeys.KEYS,
          ProcessKeys.KEYS);
  private static final List<Key<?>> ALL =
      SECTIONS.stream().<Key<?>>flatMap(section -> section.keys().stream()).toList();
  private static final Map<String, Key<?>> BY_NAME =
      ALL.stream().collect(Collectors.toUnmodifiableMap(Key::name, Function.identity()));

  private Keys() {}

  static List<Section> sections() {
    return SECTIONS;
  }

  static List<Key<?>> all() {
    return ALL;
  }

  static Map<String, Key<?>> byName() {
    return BY_NAME;
  }
}

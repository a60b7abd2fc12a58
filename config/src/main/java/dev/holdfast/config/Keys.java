package dev.holdfast.config;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All settings, in the order in which they are documented. */
final class Keys {
  private static final List<Key<?>> ALL =
      Stream.of(
              EdgeKeys.all(),
              UpstreamKeys.all(),
              OpenWebUiKeys.all(),
              LimitKeys.all(),
              ResumeKeys.all(),
              RelinkKeys.all(),
              ProxyKeys.all(),
              RedisKeys.all(),
              NodeKeys.all(),
              ProcessKeys.all())
          .<Key<?>>flatMap(List::stream)
          .toList();
  private static final Map<String, Key<?>> BY_NAME =
      ALL.stream().collect(Collectors.toUnmodifiableMap(Key::name, Function.identity()));

  private Keys() {}

  static List<Key<?>> all() {
    return ALL;
  }

  static Map<String, Key<?>> byName() {
    return BY_NAME;
  }
}

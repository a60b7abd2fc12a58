package dev.holdfast.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Settings that are documented together. Filled while the class that declares them is loaded. */
final class Section {
  private final String title;
  private final List<Key<?>> keys = new ArrayList<>();

  Section(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  List<Key<?>> keys() {
    return Collections.unmodifiableList(keys);
  }

  /** Begins to declare a setting; {@link Draft#because} ends it. */
  <T> Draft<T> key(String name, Kind<T> kind, String fallback) {
    return new Draft<>(this, name, kind, fallback, List.of());
  }

  /** A setting that still lacks the reason to change it. */
  record Draft<T>(
      Section section, String name, Kind<T> kind, String fallback, List<String> openWebUi) {
    /** Variables of Open WebUI that set it, too; the first that is given counts. */
    Draft<T> openWebUi(String... names) {
      return new Draft<>(section, name, kind, fallback, List.of(names));
    }

    Key<T> because(String reason) {
      Key<T> key = new Key<>(name, kind, fallback, reason, openWebUi);
      section.keys.add(key);
      return key;
    }
  }
}

package dev.holdfast.config;

import java.util.Locale;

/**
 * One setting: its name, what it accepts, its default and the reason to change it. Immutable.
 *
 * @param fallback the default, as text
 */
record Key<T>(String name, Kind<T> kind, String fallback, String reason) {
  /** Its environment variable. */
  String variable() {
    return "HOLDFAST_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Whether its value is never shown. */
  boolean secret() {
    return name.equals("auth.secret-key");
  }

  /** The text as it may be shown. */
  String shown(String text) {
    return secret() && !text.isEmpty() ? "********" : text;
  }
}

package dev.holdfast.config;

import java.util.Locale;
import java.util.Set;

/**
 * One setting: its name, what it accepts, its default and the reason to change it. Immutable.
 *
 * @param fallback the default, as text
 */
record Key<T>(String name, Kind<T> kind, String fallback, String reason) {
  private static final String REDIS_URL = "redis.url";
  private static final Set<String> SECRETS =
      Set.of("auth.secret-key", "redis.password", "cluster.secret", REDIS_URL);

  /** Its environment variable. */
  String variable() {
    return "HOLDFAST_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Whether it is or holds a secret: that is never shown, and may be in a file of its own. */
  boolean secret() {
    return SECRETS.contains(name);
  }

  /** The text as it may be shown. */
  String shown(String text) {
    if (name.equals(REDIS_URL)) {
      return RedisUrl.shown(text);
    }
    return secret() && !text.isEmpty() ? "********" : text;
  }
}

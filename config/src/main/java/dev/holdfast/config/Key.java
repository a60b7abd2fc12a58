package dev.holdfast.config;

import java.util.List;
import java.util.Locale;

/**
 * One setting, declared as a constant: its name, what it accepts, its default and the reason to
 * change it. Immutable.
 *
 * @param fallback the default, as text
 * @param openWebUi the variables of Open WebUI that set it, too; the first that is given counts
 */
public record Key<T>(
    String name, Kind<T> kind, String fallback, String reason, List<String> openWebUi) {
  private static final String REDIS_URL = "redis.url";

  /** Its environment variable. */
  public String variable() {
    return "HOLDFAST_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The default. */
  T usual() {
    return kind.parser().known(fallback);
  }

  /** Whether it is or holds a secret: that is never shown, and may be in a file of its own. */
  public boolean secret() {
    return kind.secret();
  }

  /** The text as it may be shown. */
  String shown(String text) {
    if (!secret() || text.isEmpty() || text.equals(fallback)) {
      return text;
    }
    return name.equals(REDIS_URL) ? RedisUrlText.shown(text) : Kind.MASK;
  }
}

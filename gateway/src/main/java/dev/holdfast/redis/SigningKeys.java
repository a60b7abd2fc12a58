package dev.holdfast.redis;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What nodes sign with: secrets of the settings, and the key that Redis keeps. Thread-safe. */
final class SigningKeys {
  /** What is to be said where nodes trust the key that Redis keeps. */
  static final String ADVICE =
      "nodes sign with a key that Redis keeps, so whoever can write to Redis can act as a node and"
          + " get the tokens of users: set cluster.secret, or auth.secret-key, to the same text on all"
          + " nodes";

  private final List<String> configured;
  private volatile @Nullable String kept;
  private volatile @Nullable Keyring ring;

  /**
   * @param configured the first one signs; never empty
   */
  SigningKeys(List<String> configured) {
    this.configured = configured;
    this.ring = make();
  }

  /** Whether the key that Redis keeps is one of them. */
  boolean useKept() {
    return configured.contains(NodeKeys.KEPT_IN_REDIS);
  }

  /** Whether nobody has set a secret, or the key that Redis keeps is believed beside it. */
  static boolean trustRedis(Settings settings) {
    return settings.get(NodeKeys.SECRET).contains(NodeKeys.KEPT_IN_REDIS);
  }

  /** Redis keeps this key. */
  synchronized void kept(String key) {
    if (!key.equals(kept)) {
      kept = key;
      ring = make();
    }
  }

  /** The key that Redis keeps, as last heard. */
  Optional<String> kept() {
    return Optional.ofNullable(kept);
  }

  private @Nullable Keyring make() {
    List<String> known = new ArrayList<>();
    for (String each : configured) {
      String secret = each.equals(NodeKeys.KEPT_IN_REDIS) ? kept : each;
      if (secret != null) {
        known.add(secret);
      } else if (known.isEmpty()) {
        // The next one must not sign in place of the first.
        return null;
      }
    }
    return Keyring.of(known);
  }

  /** The keys; empty while the one that signs is not known. */
  Optional<Keyring> keys() {
    return Optional.ofNullable(ring);
  }
}

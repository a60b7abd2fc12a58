package dev.holdfast.redis;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys that nodes sign with: configured secrets, and the key that Redis keeps. Thread-safe. */
final class SigningKeys {
  /** The warning for nodes that trust the key that Redis keeps. */
  static final String ADVICE =
      "nodes sign with a key stored in Redis, so anyone who can write to Redis can impersonate a node"
          + " and receive user tokens: set cluster.secret or auth.secret-key to the same value on all"
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

  /** Returns whether the key that Redis keeps is one of the keys. */
  boolean useKept() {
    return configured.contains(NodeKeys.KEPT_IN_REDIS);
  }

  /** Returns whether the key that Redis keeps is trusted, alone or beside a configured secret. */
  static boolean trustRedis(Settings settings) {
    return settings.get(NodeKeys.SECRET).contains(NodeKeys.KEPT_IN_REDIS);
  }

  /** Sets the key that Redis keeps. */
  synchronized void kept(String key) {
    if (!key.equals(kept)) {
      kept = key;
      ring = make();
    }
  }

  /** Returns the last known key that Redis keeps. */
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
        // The next key must not sign in place of the first.
        return null;
      }
    }
    return Keyring.of(known);
  }

  /** Returns the keys; empty while the one that signs is unknown. */
  Optional<Keyring> keys() {
    return Optional.ofNullable(ring);
  }
}

package dev.holdfast.sessions;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A token that a session presented. Immutable.
 *
 * @param user the user it names; null unless its signature was verified
 * @param expires when a verified one expires, in seconds since 1970; {@link #NEVER} for others
 */
public record Token(TokenHash hash, @Nullable String user, long expires) {
  /** Later than any time. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Rejects a token without a hash, which another node may have sent. */
  public Token {
    Objects.requireNonNull(hash, "hash");
  }
}

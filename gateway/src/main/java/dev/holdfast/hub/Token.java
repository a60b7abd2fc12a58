package dev.holdfast.hub;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a token that a session was given. Immutable.
 *
 * @param user whom it names; null unless its signature was verified
 * @param expires when a verified one does, in seconds since 1970; {@link #NEVER} for others
 */
public record Token(TokenHash hash, @Nullable String user, long expires) {
  /** Later than every time. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Refuses one without its hash: it may come from another node. */
  public Token {
    Objects.requireNonNull(hash, "hash");
  }
}

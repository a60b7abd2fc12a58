package dev.holdfast.edge;

import dev.holdfast.upstream.Identity;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whom a session belongs to: whoever brings the token of its CONNECT, that of its last {@code
 * user-join}, or a verified one of the same user. Keeps hashes, no tokens. Confined to its session.
 */
final class Ownership {
  private final Identity identity;
  private final byte[] connectToken;
  private byte[] joinToken;
  private @Nullable String user;

  Ownership(Identity identity, Optional<String> connectToken) {
    this.identity = identity;
    this.connectToken = hash(connectToken.orElse(""));
    this.joinToken = this.connectToken;
    this.user = connectToken.flatMap(identity::userOf).orElse(null);
  }

  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Ownership of a session that another node has given away. */
  Ownership(Identity identity, Kept kept) {
    this.identity = identity;
    this.connectToken = HexFormat.of().parseHex(kept.connectToken());
    this.joinToken = HexFormat.of().parseHex(kept.joinToken());
    this.user = kept.user();
  }

  /** What is known of the owner: hex of tokens' SHA-256, and the user's id if that is known. */
  record Kept(String connectToken, String joinToken, @Nullable String user) {}

  /** What is known of the owner. */
  Kept kept() {
    HexFormat hex = HexFormat.of();
    return new Kept(hex.formatHex(connectToken), hex.formatHex(joinToken), user);
  }

  /** The user's id, as far as it is known. */
  Optional<String> user() {
    return Optional.ofNullable(user);
  }

  /** The user's id, if a signature says so. */
  Optional<String> verifiedUser() {
    return identity.isVerifying() ? user() : Optional.empty();
  }

  /** Whose sessions count together: the user's, else those with this token, else an address's. */
  String group(String address) {
    if (user != null) {
      return user;
    }
    boolean anonymous = MessageDigest.isEqual(joinToken, hash(""));
    return anonymous ? address : HexFormat.of().formatHex(joinToken);
  }

  /** The client has said who it is. */
  void joined(String token) {
    joinToken = hash(token);
    identity.userOf(token).ifPresent(id -> user = id);
  }

  /** Whether somebody with this token owns the session; no token is one of its own. */
  boolean isOf(@Nullable String token) {
    byte[] claimed = hash(token == null ? "" : token);
    return MessageDigest.isEqual(claimed, connectToken)
        || MessageDigest.isEqual(claimed, joinToken)
        || isOfVerifiedUser(token);
  }

  private boolean isOfVerifiedUser(@Nullable String token) {
    return token != null
        && user != null
        && identity.isVerifying()
        && identity.userOf(token).filter(user::equals).isPresent();
  }
}

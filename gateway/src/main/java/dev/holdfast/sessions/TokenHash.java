package dev.holdfast.sessions;

import dev.holdfast.protocol.Sha256;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The stored form of a token: the first 128 bits of its SHA-256. Immutable. */
public record TokenHash(long high, long low) {
  private static final int HEX_DIGITS = 32;

  /** Returns the hash of this token. */
  public static TokenHash of(String token) {
    ByteBuffer digest = ByteBuffer.wrap(Sha256.of(token));
    return new TokenHash(digest.getLong(), digest.getLong());
  }

  /**
   * Parses the first 32 digits of {@link #toString} or of a complete SHA-256 in hex.
   *
   * @throws IllegalArgumentException if the text is shorter
   */
  public static TokenHash parse(String hex) {
    if (hex.length() < HEX_DIGITS) {
      throw new IllegalArgumentException("a hash of a token has 32 digits");
    }
    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex, 0, HEX_DIGITS));
    return new TokenHash(bytes.getLong(), bytes.getLong());
  }

  /** Returns 32 hex digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}

package dev.holdfast.cluster;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HKDF with SHA-256: derives keys from a secret. Stateless.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5869">RFC 5869</a>
 */
final class Hkdf {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int HASH_BYTES = 32;
  private static final int MOST_BYTES = 255 * HASH_BYTES;

  private Hkdf() {}

  /**
   * Derives a key of this many bytes, 1 to 8160.
   *
   * @param salt may be empty
   * @param info the purpose of the key; may be empty
   */
  static byte[] derive(byte[] secret, byte[] salt, byte[] info, int length) {
    if (length < 1 || length > MOST_BYTES) {
      throw new IllegalArgumentException("a key has 1 to " + MOST_BYTES + " bytes");
    }
    // Section 2.2: a missing salt is a block of zeros. The JDK rejects an empty key.
    byte[] extracted = mac(salt.length == 0 ? new byte[HASH_BYTES] : salt, secret);
    ByteBuffer key = ByteBuffer.allocate(length);
    byte[] block = {};
    for (byte counter = 1; key.hasRemaining(); counter++) {
      block = mac(extracted, block, info, new byte[] {counter});
      key.put(block, 0, Math.min(block.length, key.remaining()));
    }
    return key.array();
  }

  /** Returns the HMAC-SHA-256 of the concatenated texts. */
  static byte[] mac(byte[] key, byte[]... texts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      for (byte[] text : texts) {
        mac.update(text);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}

package dev.holdfast.cluster;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/**
 * The keys that nodes sign with. The first key signs and all of them verify, so that a secret can
 * be rotated node by node. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2104">RFC 2104</a>
 */
public final class Keyring {
  private static final byte[] SALT = "holdfast".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INFO = "node signatures".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY_BYTES = 32;

  private final List<byte[]> keys;

  private Keyring(List<byte[]> keys) {
    this.keys = keys;
  }

  /**
   * Derives the keys from these secrets.
   *
   * @param secrets at least one
   */
  public static Keyring of(List<String> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("a keyring has a key");
    }
    return new Keyring(secrets.stream().map(Keyring::key).toList());
  }

  private static byte[] key(String secret) {
    return Hkdf.derive(secret.getBytes(StandardCharsets.UTF_8), SALT, INFO, KEY_BYTES);
  }

  /**
   * Returns the HMAC-SHA-256 of the fields in base64url. The kind is part of the signed text, so a
   * signature of one kind is not valid for another.
   */
  public String sign(Signed kind, List<String> fields) {
    return mac(keys.get(0), kind, fields);
  }

  /**
   * Returns whether one of the keys has signed this. Takes constant time wherever signatures
   * differ.
   */
  public boolean verifies(Signed kind, List<String> fields, String signature) {
    byte[] given = signature.getBytes(StandardCharsets.UTF_8);
    boolean signed = false;
    for (byte[] key : keys) {
      byte[] expected = mac(key, kind, fields).getBytes(StandardCharsets.US_ASCII);
      signed |= MessageDigest.isEqual(expected, given);
    }
    return signed;
  }

  private static String mac(byte[] key, Signed kind, List<String> fields) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    add(text, kind.label());
    fields.forEach(each -> add(text, each));
    byte[] mac = Hkdf.mac(key, text.toByteArray());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
  }

  /** Prefixes the field with its length, so that different lists never encode to the same text. */
  private static void add(ByteArrayOutputStream text, String field) {
    byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
    text.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    text.writeBytes(bytes);
  }
}

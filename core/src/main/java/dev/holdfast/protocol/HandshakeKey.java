package dev.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Keys of the WebSocket opening handshake and their responses, RFC 6455 sections 1.3 and 4. */
public final class HandshakeKey {
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int NONCE_BYTES = 16;
  private static final int KEY_LENGTH = 24;

  private HandshakeKey() {}

  /** Returns the value of {@code Sec-WebSocket-Key} for sixteen random bytes. */
  public static String of(byte[] nonce) {
    if (nonce.length != NONCE_BYTES) {
      throw new IllegalArgumentException("a nonce has 16 bytes, not " + nonce.length);
    }
    return Base64.getEncoder().encodeToString(nonce);
  }

  /** Returns whether a client's key has the right length, 24 characters. */
  public static boolean isValid(String key) {
    return key.length() == KEY_LENGTH;
  }

  /** Returns the value of {@code Sec-WebSocket-Accept} for a key. */
  public static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}

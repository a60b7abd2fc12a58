package dev.holdfast.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/**
 * A certificate chain and its private key, read from two PEM files or a single one. If there are
 * several keys, the one that matches the first certificate is used. Immutable.
 *
 * @param digest changes with the content of the files
 */
record KeyPairFiles(List<X509Certificate> chain, PrivateKey key, int digest) {
  private static final byte[] MESSAGE = {1};

  /** Reads both files and checks that they match, so that a half-replaced pair is rejected. */
  static KeyPairFiles read(Path certificate, Path key) throws IOException {
    byte[] chainBytes = Files.readAllBytes(certificate);
    byte[] keyBytes = Files.readAllBytes(key);
    List<X509Certificate> chain = PemFiles.certificates(chainBytes, certificate);
    PrivateKeys keys = PrivateKeys.read(keyBytes, key);
    for (PrivateKey each : keys.usable()) {
      if (match(chain.get(0).getPublicKey(), each)) {
        return new KeyPairFiles(chain, each, digest(chainBytes, keyBytes));
      }
    }
    throw new IOException(
        keys.refusals().stream().findFirst().orElse(key + " is not the key of " + certificate));
  }

  /** Returns the {@link #digest} of the current files. */
  static int digest(Path certificate, Path key) throws IOException {
    return digest(Files.readAllBytes(certificate), Files.readAllBytes(key));
  }

  private static int digest(byte[] chain, byte[] key) {
    return 31 * Arrays.hashCode(chain) + Arrays.hashCode(key);
  }

  private static boolean match(PublicKey certified, PrivateKey key) throws IOException {
    if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance(scheme(key.getAlgorithm()));
      signature.initSign(key);
      // JDK 17 does not verify its own Ed25519 signature of empty input.
      signature.update(MESSAGE);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(MESSAGE);
      return signature.verify(signed);
    } catch (GeneralSecurityException problem) {
      throw new IOException("the key cannot sign: " + problem.getMessage(), problem);
    }
  }

  private static String scheme(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> algorithm;
    };
  }
}

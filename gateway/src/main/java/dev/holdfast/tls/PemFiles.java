package dev.holdfast.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates (RFC 7468 §5) and private keys (PKCS#8, RFC 7468 §10). Stateless. */
final class PemFiles {
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private PemFiles() {}

  /** All certificates of a file, at least one. */
  static List<X509Certificate> certificates(Path file) throws IOException {
    return certificates(Files.readAllBytes(file), file);
  }

  static List<X509Certificate> certificates(byte[] content, Path file) throws IOException {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw new IOException(file + " holds no certificate");
      }
      return found;
    } catch (CertificateException problem) {
      throw new IOException(file + " is not a PEM certificate file", problem);
    }
  }

  /** The private key of a file. */
  static PrivateKey key(byte[] content, Path file) throws IOException {
    Matcher found = KEY.matcher(new String(content, StandardCharsets.US_ASCII));
    if (!found.find()) {
      throw new IOException(file + " holds no private key in PEM form");
    }
    if (!found.group(1).equals("PRIVATE KEY")) {
      throw new IOException(
          "%s holds a key of the form '%s'; convert it: openssl pkcs8 -topk8 -nodes -in %s"
              .formatted(file, found.group(1), file.getFileName()));
    }
    try {
      return decoded(Base64.getMimeDecoder().decode(found.group(2)), file);
    } catch (IllegalArgumentException notBase64) {
      throw new IOException(file + " holds a private key that is not base64", notBase64);
    }
  }

  private static PrivateKey decoded(byte[] encoded, Path file) throws IOException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException other) {
        // The next algorithm may fit.
      } catch (GeneralSecurityException missing) {
        throw new IOException("no " + algorithm + " in this JDK", missing);
      }
    }
    throw new IOException(file + " holds a private key that is none of " + ALGORITHMS);
  }
}

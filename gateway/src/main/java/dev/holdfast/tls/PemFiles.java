package dev.holdfast.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the certificates of a PEM file, RFC 7468 §5, and ignores its other contents. Stateless. */
final class PemFiles {
  private PemFiles() {}

  /** Returns all certificates of a file, at least one. */
  static List<X509Certificate> certificates(Path file) throws IOException {
    return certificates(Files.readAllBytes(file), file);
  }

  static List<X509Certificate> certificates(byte[] content, Path file) throws IOException {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(certificatesOf(content)))
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

  /**
   * Removes other blocks, since the JDK fails on keys; keeps DER and PKCS#7, which it also reads.
   */
  private static byte[] certificatesOf(byte[] content) {
    List<Pem> blocks = Pem.blocks(content);
    return blocks.stream().noneMatch(it -> it.isCertificate() || it.isPrivateKey())
        ? content
        : blocks.stream()
            .filter(Pem::isCertificate)
            .map(Pem::text)
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.ISO_8859_1);
  }
}

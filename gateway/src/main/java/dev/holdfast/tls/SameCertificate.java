package dev.holdfast.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/**
 * Trusts servers with the key of this certificate at any address, because the nodes of a cluster
 * share it. The file is read for each handshake, since it may have been renewed. Immutable.
 */
final class SameCertificate extends ServerTrust {
  private final Path file;

  SameCertificate(Path file) {
    this.file = file;
  }

  @Override
  void check(X509Certificate[] chain) throws CertificateException {
    X509Certificate ours;
    try {
      ours = PemFiles.certificates(file).get(0);
    } catch (IOException e) {
      throw new CertificateException("the certificate of this node cannot be read", e);
    }
    // The handshake proves that the server has the private key.
    if (chain.length == 0 || !chain[0].getPublicKey().equals(ours.getPublicKey())) {
      throw new CertificateException("another node has a different certificate than this one");
    }
  }
}

package dev.holdfast.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/**
 * Trusts whoever has the key of this certificate, under whichever address: the nodes of a cluster
 * serve the same name. The file is read for each handshake, as it may have been renewed. Immutable.
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
    // That it has the key, too, is proven by the handshake.
    if (chain.length == 0 || !chain[0].getPublicKey().equals(ours.getPublicKey())) {
      throw new CertificateException("the certificate of another node is not that of this one");
    }
  }
}

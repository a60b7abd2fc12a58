package dev.holdfast.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS contexts for connections that the gateway opens. Stateless. */
public final class ClientTls {
  private ClientTls() {}

  /**
   * A context that trusts the certificates of this PEM file, or those of the JDK without one.
   *
   * @throws IOException if the file cannot be read or holds no certificate
   */
  public static SSLContext context(Optional<Path> caFile) throws IOException {
    try {
      KeyStore trusted = caFile.isPresent() ? trusted(caFile.get()) : null;
      return context(trusted);
    } catch (GeneralSecurityException problem) {
      throw new IOException("no TLS with this JDK: " + problem.getMessage(), problem);
    }
  }

  private static SSLContext context(@Nullable KeyStore trusted) throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore trusted(Path caFile) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (X509Certificate each : PemFiles.certificates(caFile)) {
      store.setCertificateEntry("ca-" + number++, each);
    }
    return store;
  }
}

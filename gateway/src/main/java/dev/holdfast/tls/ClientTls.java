package dev.holdfast.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
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
    return context(caFile, Optional.empty(), Optional.empty());
  }

  /**
   * The same, with a certificate of our own to show if both of its files are given.
   *
   * @throws IOException if a file cannot be read or they do not belong together
   */
  public static SSLContext context(
      Optional<Path> caFile, Optional<Path> certificate, Optional<Path> key) throws IOException {
    try {
      KeyStore trusted = caFile.isPresent() ? trusted(caFile.get()) : null;
      KeyManager[] keys =
          certificate.isPresent() && key.isPresent()
              ? keys(KeyPairFiles.read(certificate.get(), key.get()))
              : null;
      return context(trusted, keys);
    } catch (GeneralSecurityException problem) {
      throw new IOException("no TLS with this JDK: " + problem.getMessage(), problem);
    }
  }

  /**
   * A context for connections to servers that have the same certificate as this one.
   *
   * @throws IOException if there is no TLS
   */
  public static SSLContext sameAs(Path certificate) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new SameCertificate(certificate)}, null);
      return context;
    } catch (GeneralSecurityException problem) {
      throw new IOException("no TLS with this JDK: " + problem.getMessage(), problem);
    }
  }

  private static KeyManager[] keys(KeyPairFiles files)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    char[] none = new char[0];
    store.setKeyEntry("own", files.key(), none, files.chain().toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, none);
    return factory.getKeyManagers();
  }

  private static SSLContext context(@Nullable KeyStore trusted, KeyManager @Nullable [] keys)
      throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
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

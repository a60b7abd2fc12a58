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
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS contexts for connections that the gateway opens. Stateless. */
public final class ClientTls {
  private ClientTls() {}

  /**
   * Creates a context that trusts the certificates of a PEM file, or by default those of the JDK.
   *
   * @throws IOException if the file cannot be read or holds no certificate
   */
  public static SSLContext context(Optional<Path> caFile) throws IOException {
    return context(caFile, Optional.empty(), Optional.empty());
  }

  /**
   * Creates a context that also records why a server was not trusted.
   *
   * @param failures receives the reasons
   */
  public static SSLContext context(Optional<Path> caFile, TrustFailures failures)
      throws IOException {
    try {
      TrustManager[] managers =
          trustManagers(caFile.isPresent() ? trusted(caFile.get()) : null).clone();
      for (int i = 0; i < managers.length; i++) {
        if (managers[i] instanceof X509ExtendedTrustManager trust) {
          managers[i] = failures.wrap(trust);
        }
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return context;
    } catch (GeneralSecurityException problem) {
      throw new IOException("this JDK does not support TLS: " + problem.getMessage(), problem);
    }
  }

  /**
   * Creates a context that also presents a client certificate, if both of its files are given.
   *
   * @throws IOException if a file cannot be read or they do not belong together
   */
  public static SSLContext context(
      Optional<Path> caFile, Optional<Path> certificate, Optional<Path> key) throws IOException {
    try {
      KeyStore trusted = caFile.isPresent() ? trusted(caFile.get()) : null;
      return context(trusted, own(certificate, key));
    } catch (GeneralSecurityException problem) {
      throw new IOException("this JDK does not support TLS: " + problem.getMessage(), problem);
    }
  }

  /**
   * Creates a context that accepts any server certificate: no protection against a man in the
   * middle.
   *
   * @throws IOException if a file cannot be read or they do not belong together
   */
  public static SSLContext unverified(Optional<Path> certificate, Optional<Path> key)
      throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own(certificate, key), new TrustManager[] {new AnyCertificate()}, null);
      return context;
    } catch (GeneralSecurityException problem) {
      throw new IOException("this JDK does not support TLS: " + problem.getMessage(), problem);
    }
  }

  private static KeyManager @Nullable [] own(Optional<Path> certificate, Optional<Path> key)
      throws IOException, GeneralSecurityException {
    return certificate.isPresent() && key.isPresent()
        ? keys(KeyPairFiles.read(certificate.get(), key.get()))
        : null;
  }

  /**
   * Creates a context for servers with the same certificate as this node.
   *
   * @throws IOException if TLS is unavailable
   */
  public static SSLContext sameAs(Path certificate) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new SameCertificate(certificate)}, null);
      return context;
    } catch (GeneralSecurityException problem) {
      throw new IOException("this JDK does not support TLS: " + problem.getMessage(), problem);
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
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trustManagers(trusted), null);
    return context;
  }

  private static TrustManager[] trustManagers(@Nullable KeyStore trusted)
      throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    return trust.getTrustManagers();
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

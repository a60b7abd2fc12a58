package dev.holdfast.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Records why server certificates were not trusted. The reason is known only to the thread that
 * checks a certificate; the connection's owner just sees a close, and looks it up here.
 * Thread-safe.
 */
public final class TrustFailures {
  private final Map<SSLEngine, String> reasons = Collections.synchronizedMap(new WeakHashMap<>());

  /** Returns why the server of this engine was not trusted; empty if it was. */
  public Optional<String> of(SSLEngine engine) {
    return Optional.ofNullable(reasons.get(engine));
  }

  X509ExtendedTrustManager wrap(X509ExtendedTrustManager trust) {
    return new RecordingTrust(trust);
  }

  private interface Check {
    void run() throws CertificateException;
  }

  private void remember(@Nullable SSLEngine engine, Check check) throws CertificateException {
    try {
      check.run();
    } catch (CertificateException refused) {
      if (engine != null) {
        reasons.put(engine, String.valueOf(refused.getMessage()));
      }
      throw refused;
    }
  }

  private final class RecordingTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager trust;

    RecordingTrust(X509ExtendedTrustManager trust) {
      this.trust = trust;
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
        throws CertificateException {
      remember(engine, () -> trust.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String authType, @Nullable Socket socket)
        throws CertificateException {
      trust.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      trust.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
        throws CertificateException {
      trust.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String authType, @Nullable Socket socket)
        throws CertificateException {
      trust.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      trust.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }
}

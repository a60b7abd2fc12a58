package dev.holdfast.tls;

import java.security.cert.X509Certificate;

/** Trusts every server; used only if the operator has disabled verification. Immutable. */
final class AnyCertificate extends ServerTrust {
  @Override
  void check(X509Certificate[] chain) {
    // Accepts any certificate.
  }
}

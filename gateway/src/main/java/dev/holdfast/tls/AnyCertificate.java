package dev.holdfast.tls;

import java.security.cert.X509Certificate;

/** Trusts every server, because the operator has said so. Immutable. */
final class AnyCertificate extends ServerTrust {
  @Override
  void check(X509Certificate[] chain) {
    // Whoever it is.
  }
}

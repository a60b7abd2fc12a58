package dev.holdfast.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * One server certificate that can be replaced at any time. The alias contains the digest, so that a
 * handshake that is in progress during a replacement does not mix two pairs. Thread-safe.
 */
final class CurrentKey extends X509ExtendedKeyManager {
  private volatile Pairs pairs;

  CurrentKey(KeyPairFiles files) {
    pairs = new Pairs(files, files);
  }

  void replace(KeyPairFiles files) {
    pairs = new Pairs(files, pairs.now);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = alias(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return pairs.of(alias).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return pairs.of(alias).key();
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  private @Nullable String alias(String keyType) {
    KeyPairFiles now = pairs.now;
    return names(now.key().getAlgorithm()).contains(keyType) ? alias(now) : null;
  }

  /**
   * JSSE asks by signature key type; for EdDSA and RSA-PSS these are named after the curves and
   * PSS.
   */
  private static Set<String> names(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> Set.of("RSA", "RSASSA-PSS");
      case "EdDSA" -> Set.of("EdDSA", "Ed25519", "Ed448");
      default -> Set.of(algorithm);
    };
  }

  private static String alias(KeyPairFiles files) {
    return Integer.toHexString(files.digest());
  }

  private record Pairs(KeyPairFiles now, KeyPairFiles before) {
    KeyPairFiles of(String alias) {
      return List.of(now, before).stream()
          .filter(each -> alias(each).equals(alias))
          .findFirst()
          .orElse(now);
    }
  }
}

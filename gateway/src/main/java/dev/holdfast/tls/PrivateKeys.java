package dev.holdfast.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The private keys of a PEM file; other contents are ignored. Supports PKCS#8 (RFC 5958), PKCS#1
 * (RFC 8017 appendix A.1.2) and SEC 1 (RFC 5915). The JDK reads PKCS#8 only, so the other two are
 * converted to it. Immutable.
 *
 * @param usable RSA, EC on a TLS curve, and Ed25519
 * @param refusals for each other key, what it is and how to fix it
 */
record PrivateKeys(List<PrivateKey> usable, List<String> refusals) {
  private static final String RSA = "1.2.840.113549.1.1.1";
  private static final String EC = "1.2.840.10045.2.1";
  private static final String ED25519 = "1.3.101.112";

  private static final byte[] RSA_ALGORITHM =
      Der.encoded(
          Der.SEQUENCE,
          Der.encoded(Der.OID, new byte[] {0x2a, -0x7a, 0x48, -0x7a, -9, 0x0d, 1, 1, 1}),
          Der.encoded(Der.NULL));
  private static final byte[] EC_OID =
      Der.encoded(Der.OID, new byte[] {0x2a, -0x7a, 0x48, -0x32, 0x3d, 2, 1});

  /** SEC 1 numbers its versions from 1, the others from 0. */
  private static final byte[] ZERO = Der.encoded(Der.INTEGER, new byte[] {0});

  private static final byte[] ONE = Der.encoded(Der.INTEGER, new byte[] {1});
  private static final int CURVE_OF_SEC1 = 0xa0;

  private static final Map<String, String> CURVES =
      Map.of(
          "1.2.840.10045.3.1.7", "P-256",
          "1.3.132.0.34", "P-384",
          "1.3.132.0.35", "P-521");
  private static final Map<String, String> OTHER_CURVES =
      Map.of(
          "1.2.840.10045.3.1.1", "P-192",
          "1.3.132.0.33", "P-224",
          "1.3.132.0.10", "secp256k1",
          "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1",
          "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1",
          "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1",
          "1.2.156.10197.1.301", "SM2");
  private static final Map<String, String> OTHER_ALGORITHMS =
      Map.of(
          "1.2.840.10040.4.1", "DSA",
          "1.2.840.113549.1.1.10", "RSA-PSS",
          "1.2.840.113549.1.3.1", "DH",
          "1.3.101.110", "X25519",
          "1.3.101.111", "X448",
          "1.3.101.113", "Ed448");

  private static final String NEW_KEY =
      "create a new key and get a certificate for it: openssl genpkey -algorithm EC"
          + " -pkeyopt ec_paramgen_curve:P-256 -out new.pem";

  /** The reason why a key is not used, and how to fix it; {@code %s} is its file. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String what, String remedy) {
      super(what + "; " + remedy);
    }

    static Refused unusable(String what) {
      return new Refused(
          what + ", but it must be RSA, EC on P-256, P-384 or P-521, or Ed25519", NEW_KEY);
    }

    static Refused damaged(String what) {
      return new Refused(what, "copy it again, or " + NEW_KEY);
    }

    static Refused convertible(String what, String command) {
      return new Refused(what, "convert it: " + command);
    }
  }

  /**
   * Reads all keys of a file.
   *
   * @throws IOException if it holds none, with what it holds instead
   */
  static PrivateKeys read(byte[] content, Path file) throws IOException {
    List<PrivateKey> usable = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    List<Pem> blocks = Pem.blocks(content);
    for (Pem block : blocks) {
      try {
        if (block.isPrivateKey()) {
          usable.add(key(block));
        }
      } catch (Refused refused) {
        refusals.add(sentence(file, refused));
      }
    }
    if (usable.isEmpty() && refusals.isEmpty()) {
      throw new IOException(sentence(file, instead(content, blocks)));
    }
    return new PrivateKeys(usable, refusals);
  }

  private static String sentence(Path file, Refused refused) {
    return file + " holds " + String.valueOf(refused.getMessage()).replace("%s", quoted(file));
  }

  /** Quotes a file name for a shell. */
  private static String quoted(Path file) {
    String text = file.toString();
    boolean plain =
        text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "/._-+=:,@".indexOf(c) >= 0);
    return plain ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static Refused instead(byte[] content, List<Pem> blocks) {
    if (!blocks.isEmpty()) {
      return Refused.damaged(
          "no private key, but "
              + blocks.stream().map(Pem::label).distinct().collect(Collectors.joining(", ")));
    }
    if (content.length > 1 && content[0] == (byte) 0xfe && content[1] == (byte) 0xed) {
      return Refused.convertible(
          "a Java keystore",
          "keytool -importkeystore -srckeystore %s -destkeystore new.p12 -deststoretype pkcs12"
              + " && openssl pkcs12 -in new.p12 -nodes -out new.pem");
    }
    Optional<Der> first = first(content);
    if (first.filter(it -> it.tag() == Der.INTEGER && it.content()[0] == 3).isPresent()) {
      return Refused.convertible("a PKCS#12 store", "openssl pkcs12 -in %s -nodes -out new.pem");
    }
    return first.isPresent()
        ? Refused.convertible(
            "DER, and no private key in PEM form", "openssl pkey -inform DER -in %s -out new.pem")
        : Refused.damaged("no private key in PEM form");
  }

  /** Returns the first element of the sequence that the bytes encode. */
  private static Optional<Der> first(byte[] content) {
    try {
      return Der.parts(content).stream().filter(it -> it.content().length > 0).findFirst();
    } catch (IOException notDer) {
      return Optional.empty();
    }
  }

  private static PrivateKey key(Pem block) throws Refused {
    String label = block.label();
    if (label.equals("ENCRYPTED PRIVATE KEY") || block.hasPassword()) {
      throw Refused.convertible(
          "a key with a password ('" + label + "')", "openssl pkey -in %s -out new.pem");
    }
    boolean known =
        label.equals("PRIVATE KEY")
            || label.equals("RSA PRIVATE KEY")
            || label.equals("EC PRIVATE KEY");
    if (!known) {
      throw Refused.unusable("a key of the form '" + label + "'");
    }
    byte[] bytes =
        block
            .decoded()
            .orElseThrow(
                () -> Refused.damaged("a '" + label + "' that is truncated or not base64"));
    try {
      return switch (label) {
        case "RSA PRIVATE KEY" -> rsa(bytes);
        case "EC PRIVATE KEY" -> sec1(bytes);
        default -> pkcs8(bytes);
      };
    } catch (IOException | InvalidKeySpecException malformed) {
      throw Refused.damaged("a '" + label + "' that is damaged (" + malformed.getMessage() + ")");
    }
  }

  private static PrivateKey pkcs8(byte[] bytes)
      throws IOException, InvalidKeySpecException, Refused {
    // Attributes and a public key after the private key are dropped, since not every JDK accepts
    // them.
    List<Der> parts = Der.parts(bytes);
    Der.part(parts, 0, Der.INTEGER);
    List<Der> algorithm = Der.all(Der.part(parts, 1, Der.SEQUENCE));
    byte[] key = Der.part(parts, 2, Der.OCTETS);
    byte[] identifier = Der.part(algorithm, 0, Der.OID);
    String name = Der.dotted(identifier);
    return switch (name) {
      case RSA -> rsa(key);
      case EC -> ec(algorithm.size() < 2 ? Optional.empty() : Optional.of(algorithm.get(1)), key);
      case ED25519 ->
          wrapped("EdDSA", Der.encoded(Der.SEQUENCE, Der.encoded(Der.OID, identifier)), key);
      default ->
          throw Refused.unusable(
              "a key for " + OTHER_ALGORITHMS.getOrDefault(name, "the algorithm " + name));
    };
  }

  private static PrivateKey rsa(byte[] bytes) throws IOException, InvalidKeySpecException, Refused {
    byte[] version = Der.part(Der.parts(bytes), 0, Der.INTEGER);
    if (version.length == 1 && version[0] == 1) {
      throw Refused.unusable("an RSA key of more than two primes");
    }
    return wrapped("RSA", RSA_ALGORITHM, bytes);
  }

  private static PrivateKey sec1(byte[] bytes)
      throws IOException, InvalidKeySpecException, Refused {
    for (Der part : Der.parts(bytes)) {
      if (part.tag() == CURVE_OF_SEC1) {
        return ec(Der.all(part.content()).stream().findFirst(), bytes);
      }
    }
    return ec(Optional.empty(), bytes);
  }

  private static PrivateKey ec(Optional<Der> curve, byte[] bytes)
      throws IOException, InvalidKeySpecException, Refused {
    if (curve.isEmpty() || curve.get().tag() == Der.NULL) {
      throw Refused.damaged("an EC key that does not name its curve");
    }
    if (curve.get().tag() != Der.OID) {
      throw Refused.convertible(
          "an EC key that describes its curve instead of naming it",
          "openssl ec -in %s -param_enc named_curve -out new.pem");
    }
    String name = Der.dotted(curve.get().content());
    if (!CURVES.containsKey(name)) {
      throw Refused.unusable(
          "an EC key on " + OTHER_CURVES.getOrDefault(name, "the curve " + name));
    }
    byte[] number = Der.part(Der.parts(bytes), 1, Der.OCTETS);
    return wrapped(
        "EC",
        Der.encoded(Der.SEQUENCE, EC_OID, curve.get().encoded()),
        Der.encoded(Der.SEQUENCE, ONE, Der.encoded(Der.OCTETS, number)));
  }

  private static PrivateKey wrapped(String algorithm, byte[] identifier, byte[] key)
      throws IOException, InvalidKeySpecException {
    byte[] pkcs8 = Der.encoded(Der.SEQUENCE, ZERO, identifier, Der.encoded(Der.OCTETS, key));
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (InvalidKeySpecException malformed) {
      throw malformed;
    } catch (GeneralSecurityException missing) {
      throw new IOException("no " + algorithm + " in this JDK", missing);
    }
  }
}

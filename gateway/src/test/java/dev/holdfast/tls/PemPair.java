package dev.holdfast.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;

/** A self-signed certificate (RFC 5280 §4.1) and its key as PEM files. */
public record PemPair(Path certificate, Path key) {
  private static final int INTEGER = 0x02;
  private static final int BITS = 0x03;
  private static final int OCTETS = 0x04;
  private static final int UTF8 = 0x0c;
  private static final int UTC_TIME = 0x17;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int DNS_NAME = 0x82;
  private static final int VERSION = 0xa0;
  private static final int EXTENSIONS = 0xa3;

  /**
   * Makes a pair for a host name.
   *
   * @param algorithm {@code RSA}, {@code EC}, {@code Ed25519}, or a curve such as {@code secp384r1}
   */
  public static PemPair create(Path folder, String name, String algorithm, String host)
      throws IOException, GeneralSecurityException {
    KeyPair keys = keys(algorithm);
    return new PemPair(
        write(folder.resolve(name + ".crt"), "CERTIFICATE", certificate(keys, name, host)),
        write(folder.resolve(name + ".key"), "PRIVATE KEY", keys.getPrivate().getEncoded()));
  }

  static KeyPair keys(String algorithm) throws GeneralSecurityException {
    boolean curve = algorithm.startsWith("secp");
    KeyPairGenerator generator = KeyPairGenerator.getInstance(curve ? "EC" : algorithm);
    if (curve) {
      generator.initialize(new ECGenParameterSpec(algorithm));
    }
    return generator.generateKeyPair();
  }

  /** Writes bytes in PEM form. */
  static Path write(Path file, String label, byte[] encoded) throws IOException {
    return Files.writeString(file, pem(label, encoded));
  }

  /** Bytes in PEM form. */
  static String pem(String label, byte[] encoded) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, body);
  }

  private static byte[] certificate(KeyPair keys, String name, String host)
      throws GeneralSecurityException {
    String algorithm = keys.getPrivate().getAlgorithm();
    byte[] scheme =
        switch (algorithm) {
          case "RSA" -> hex("300d06092a864886f70d01010b0500");
          case "EC" -> hex("300a06082a8648ce3d040302");
          default -> hex("300506032b6570");
        };
    byte[] signed =
        der(
            SEQUENCE,
            der(VERSION, der(INTEGER, hex("02"))),
            der(INTEGER, hex("01")),
            scheme,
            distinguished(name),
            der(
                SEQUENCE,
                der(UTC_TIME, text("200101000000Z")),
                der(UTC_TIME, text("490101000000Z"))),
            distinguished(name),
            keys.getPublic().getEncoded(),
            der(EXTENSIONS, der(SEQUENCE, alternativeName(host))));
    Signature signature =
        Signature.getInstance(
            switch (algorithm) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> algorithm;
            });
    signature.initSign(keys.getPrivate());
    signature.update(signed);
    return der(SEQUENCE, signed, scheme, der(BITS, hex("00"), signature.sign()));
  }

  private static byte[] distinguished(String commonName) {
    return der(SEQUENCE, der(SET, der(SEQUENCE, hex("0603550403"), der(UTF8, text(commonName)))));
  }

  private static byte[] alternativeName(String host) {
    return der(SEQUENCE, hex("0603551d11"), der(OCTETS, der(SEQUENCE, der(DNS_NAME, text(host)))));
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(tag);
    if (content.size() < 0x80) {
      whole.write(content.size());
    } else {
      whole.write(0x82);
      whole.write(content.size() >> 8);
      whole.write(content.size());
    }
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

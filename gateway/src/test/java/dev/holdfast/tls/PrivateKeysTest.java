package dev.holdfast.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
  private static final Path FILE = Path.of("/etc/tls/key.pem");

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "secp256r1", "secp384r1", "secp521r1", "Ed25519"})
  void pkcs8IsRead(String algorithm) throws IOException, GeneralSecurityException {
    PrivateKey key = PemPair.keys(algorithm).getPrivate();

    assertThat(read(PemPair.pem("PRIVATE KEY", key.getEncoded()))).containsExactly(key);
  }

  /** RFC 5958 §2: the second version carries the public key, too. */
  @ParameterizedTest
  @ValueSource(strings = {"RSA", "secp256r1", "Ed25519"})
  void secondVersionOfPkcs8IsRead(String algorithm) throws IOException, GeneralSecurityException {
    PrivateKey key = PemPair.keys(algorithm).getPrivate();
    List<Der> parts = Der.parts(key.getEncoded());
    byte[] encoded =
        Der.encoded(
            Der.SEQUENCE,
            hex("020101"),
            parts.get(1).encoded(),
            parts.get(2).encoded(),
            hex("a000"),
            hex("810300aaaa"));

    assertThat(read(PemPair.pem("PRIVATE KEY", encoded))).containsExactly(key);
  }

  @Test
  void pkcs1IsRead() throws IOException, GeneralSecurityException {
    PrivateKey key = PemPair.keys("RSA").getPrivate();

    assertThat(read(PemPair.pem("RSA PRIVATE KEY", inner(key)))).containsExactly(key);
  }

  @ParameterizedTest
  @CsvSource({
    "secp256r1, 06082a8648ce3d030107",
    "secp384r1, 06052b81040022",
    "secp521r1, 06052b81040023",
  })
  void sec1WithANamedCurveIsRead(String algorithm, String curve)
      throws IOException, GeneralSecurityException {
    PrivateKey key = PemPair.keys(algorithm).getPrivate();
    String parameters = PemPair.pem("EC PARAMETERS", hex(curve));

    assertThat(read(parameters + PemPair.pem("EC PRIVATE KEY", sec1(key, curve))))
        .containsExactly(key);
  }

  @Test
  void allKeysOfAFileAreReadAndTheOthersAreNamed() throws IOException, GeneralSecurityException {
    PrivateKey one = PemPair.keys("EC").getPrivate();
    PrivateKey two = PemPair.keys("Ed25519").getPrivate();
    String text =
        PemPair.pem("PRIVATE KEY", one.getEncoded())
            + PemPair.pem("ENCRYPTED PRIVATE KEY", one.getEncoded())
            + PemPair.pem("CERTIFICATE", new byte[5])
            + PemPair.pem("PRIVATE KEY", two.getEncoded()).replace("\n", "\r\n");

    PrivateKeys keys = PrivateKeys.read(bytes(text), FILE);

    assertThat(keys.usable()).containsExactly(one, two);
    assertThat(keys.refusals())
        .containsExactly(
            "/etc/tls/key.pem holds a key with a password ('ENCRYPTED PRIVATE KEY'); convert it: "
                + "openssl pkey -in /etc/tls/key.pem -out new.pem");
  }

  @Test
  void keyInOneLineIsRead() throws IOException, GeneralSecurityException {
    PrivateKey key = PemPair.keys("EC").getPrivate();

    assertThat(read(PemPair.pem("PRIVATE KEY", key.getEncoded()).replace("\n", " ")))
        .containsExactly(key);
  }

  @ParameterizedTest
  @CsvSource({
    "'', no private key in PEM form",
    "-----BEGIN CERTIFICATE-----, 'no private key, but CERTIFICATE'",
    "-----BEGIN PRIVATE KEY-----A-----END PRIVATE KEY-----, a 'PRIVATE KEY' that is truncated or not base64",
    "-----BEGIN PRIVATE KEY-----AAAA, a 'PRIVATE KEY' that is truncated or not base64",
    "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----, a 'PRIVATE KEY' that is damaged (malformed DER)",
    "-----BEGIN RSA PRIVATE KEY-----AAAA-----END RSA PRIVATE KEY-----, a 'RSA PRIVATE KEY' that is damaged (malformed DER)",
    "-----BEGIN OPENSSH PRIVATE KEY-----AAAA-----END OPENSSH PRIVATE KEY-----, a key of the form 'OPENSSH PRIVATE KEY'",
    "-----BEGIN DSA PRIVATE KEY-----AAAA-----END DSA PRIVATE KEY-----, a key of the form 'DSA PRIVATE KEY'",
  })
  void whatIsNoKeyIsNamedWithTheCommandForANewOne(String text, String what) {
    assertThat(refusal(text))
        .startsWith("/etc/tls/key.pem holds " + what)
        .endsWith("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out new.pem");
  }

  @ParameterizedTest
  @CsvSource({
    // AlgorithmIdentifiers, and what they stand for.
    "300906072a8648ce380401, a key for DSA",
    "300b06092a864886f70d01010a, a key for RSA-PSS",
    "300506032b6571, a key for Ed448",
    "300506032b656e, a key for X25519",
    "300506032a0304, a key for the algorithm 1.2.3.4",
    "3005060388370f, a key for the algorithm 2.999.15",
    "301006072a8648ce3d020106052b8104000a, an EC key on secp256k1",
    "301006072a8648ce3d020106052b81040021, an EC key on P-224",
    "301406072a8648ce3d020106092b2403030208010107, an EC key on brainpoolP256r1",
    "300f06072a8648ce3d020106042a030405, an EC key on the curve 1.2.3.4.5",
  })
  void algorithmThatCannotBeUsedIsNamed(String algorithm, String what) {
    byte[] key = Der.encoded(Der.SEQUENCE, hex("020100"), hex(algorithm), hex("0403020100"));

    assertThat(refusal(PemPair.pem("PRIVATE KEY", key)))
        .startsWith(
            "/etc/tls/key.pem holds "
                + what
                + ", but it must be RSA, EC on P-256, P-384 or P-521, or Ed25519; ")
        .contains("openssl genpkey");
  }

  @Test
  void fileNameIsQuotedForTheShell() {
    String text = PemPair.pem("ENCRYPTED PRIVATE KEY", new byte[9]);

    assertThat(refusal(text, Path.of("it's my key.pem")))
        .isEqualTo(
            "it's my key.pem holds a key with a password ('ENCRYPTED PRIVATE KEY'); convert it: "
                + "openssl pkey -in 'it'\\''s my key.pem' -out new.pem");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "secp256r1", "Ed25519"})
  void damagedKeyIsReadOrRefused(String algorithm) throws GeneralSecurityException, IOException {
    PrivateKey key = PemPair.keys(algorithm).getPrivate();
    byte[] whole = key.getEncoded();
    Random random = new Random(20_261_130);
    for (int round = 0; round < 100; round++) {
      int i = random.nextInt(whole.length);
      byte[] changed = whole.clone();
      changed[i] ^= (byte) (1 << random.nextInt(8));
      readOrRefuse("PRIVATE KEY", changed);
      readOrRefuse("PRIVATE KEY", Arrays.copyOf(whole, i));
      readOrRefuse("RSA PRIVATE KEY", changed);
      readOrRefuse("EC PRIVATE KEY", changed);
    }
  }

  private static void readOrRefuse(String label, byte[] key) throws IOException {
    PrivateKeys keys = PrivateKeys.read(bytes(PemPair.pem(label, key)), FILE);
    assertThat(keys.usable().size() + keys.refusals().size())
        .as(HexFormat.of().formatHex(key))
        .isEqualTo(1);
  }

  private static List<PrivateKey> read(String text) throws IOException {
    PrivateKeys keys = PrivateKeys.read(bytes(text), FILE);
    assertThat(keys.refusals()).isEmpty();
    return keys.usable();
  }

  private static String refusal(String text) {
    return refusal(text, FILE);
  }

  /** What is said of the only key, or of a file without any. */
  private static String refusal(String text, Path file) {
    try {
      PrivateKeys keys = PrivateKeys.read(bytes(text), file);
      assertThat(keys.usable()).isEmpty();
      return keys.refusals().get(0);
    } catch (IOException none) {
      return String.valueOf(none.getMessage());
    }
  }

  private static byte[] inner(PrivateKey key) throws IOException {
    return Der.parts(key.getEncoded()).get(2).content();
  }

  /** As OpenSSL writes it: number, curve, public key. */
  private static byte[] sec1(PrivateKey key, String curve) throws IOException {
    return Der.encoded(
        Der.SEQUENCE,
        hex("020101"),
        Der.parts(inner(key)).get(1).encoded(),
        Der.encoded(0xa0, hex(curve)),
        Der.encoded(0xa1, hex("03030004aa")));
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

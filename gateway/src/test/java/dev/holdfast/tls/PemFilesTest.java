package dev.holdfast.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemFilesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void keysOfAllKindsAreRead(String algorithm) throws IOException, GeneralSecurityException {
    var key = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
    Path file = PemPair.write(folder.resolve("key.pem"), "PRIVATE KEY", key.getEncoded());

    assertThat(PemFiles.key(Files.readAllBytes(file), file)).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"})
  void keyOfAnotherFormSaysHowToConvertIt(String form) {
    String text =
        "-----BEGIN %1$s-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END %1$s-----".formatted(form);

    assertThatThrownBy(() -> PemFiles.key(ascii(text), Path.of("/etc/tls/key.pem")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "/etc/tls/key.pem holds a key of the form '%s'; convert it: openssl pkcs8 -topk8 -nodes -in key.pem",
            form);
  }

  @ParameterizedTest
  @CsvSource({
    "'', key.pem holds no private key in PEM form",
    "-----BEGIN CERTIFICATE-----, key.pem holds no private key in PEM form",
    "-----BEGIN PRIVATE KEY-----A-----END PRIVATE KEY-----, key.pem holds a private key that is not base64",
    "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----, 'key.pem holds a private key that is none of [RSA, EC, EdDSA]'",
  })
  void whatIsNoKeyIsNamed(String text, String problem) {
    assertThatThrownBy(() -> PemFiles.key(ascii(text), Path.of("key.pem")))
        .isInstanceOf(IOException.class)
        .hasMessage(problem);
  }

  @Test
  void whatIsNoCertificateIsNamed() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

    assertThatThrownBy(() -> ClientTls.context(Optional.of(empty)))
        .isInstanceOf(IOException.class)
        .hasMessage(empty + " holds no certificate");
    assertThatThrownBy(() -> ClientTls.context(Optional.of(wrong)))
        .isInstanceOf(IOException.class)
        .hasMessage(wrong + " is not a PEM certificate file");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package dev.holdfast.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFilesTest {
  @TempDir private Path folder;

  @Test
  void certificatesAreFoundAmongKeysAndText() throws IOException, GeneralSecurityException {
    PemPair one = PemPair.create(folder, "one", "EC", "localhost");
    PemPair two = PemPair.create(folder, "two", "EC", "localhost");
    Path file =
        Files.writeString(
            folder.resolve("all.pem"),
            "\ufeffsubject=CN = one\r\n"
                + Files.readString(one.key())
                + Files.readString(one.certificate()).replace("\n", "\r\n")
                + Files.readString(two.certificate()).strip());

    assertThat(PemFiles.certificates(file))
        .extracting(it -> it.getSubjectX500Principal().getName())
        .containsExactly("CN=one", "CN=two");
  }

  @Test
  void fileOfKeysAloneHoldsNoCertificate() throws IOException, GeneralSecurityException {
    Path key = PemPair.create(folder, "one", "EC", "localhost").key();

    assertThatThrownBy(() -> PemFiles.certificates(key))
        .isInstanceOf(IOException.class)
        .hasMessage(key + " holds no certificate");
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
}

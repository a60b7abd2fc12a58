package dev.holdfast.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTlsIT {
  @TempDir private static Path made;
  private static PemPair first;
  private static PemPair second;

  @TempDir private Path folder;
  private PemPair served;
  private ServerTls tls;
  private Undertow server;

  @BeforeAll
  static void makeCertificates() throws Exception {
    first = PemPair.create(made, "first", "EC", "localhost");
    second = PemPair.create(made, "second", "RSA", "localhost");
  }

  @BeforeEach
  void serve() throws IOException {
    served = new PemPair(folder.resolve("tls.crt"), folder.resolve("tls.key"));
    replace(first.certificate(), first.key());
    tls = ServerTls.open(served.certificate(), served.key());
    server =
        Undertow.builder()
            .setIoThreads(1)
            .setWorkerThreads(2)
            .addHttpsListener(0, "127.0.0.1", tls.context())
            .build();
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
    tls.close();
  }

  @Test
  void listenerShowsTheCertificate() throws IOException {
    assertThat(shown("TLSv1.3")).isEqualTo("CN=first");
    assertThat(shown("TLSv1.2")).isEqualTo("CN=first");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "secp256r1", "secp384r1", "secp521r1", "Ed25519"})
  void keyOfEachKindServesBothVersions(String algorithm) throws Exception {
    PemPair pair = PemPair.create(folder, "other", algorithm, "localhost");
    replace(pair.certificate(), pair.key());
    tls.check();

    assertThat(shown("TLSv1.3", Files.readString(pair.certificate()))).isEqualTo("CN=other");
    assertThat(shown("TLSv1.2", Files.readString(pair.certificate()))).isEqualTo("CN=other");
  }

  @Test
  void keyBelongingToTheCertificateIsFoundAmongOthersInOneFile() throws IOException {
    Path all =
        Files.writeString(
            folder.resolve("all.pem"),
            "Bag Attributes\r\n    friendlyName: x\r\n"
                + Files.readString(second.key())
                + Files.readString(first.key())
                + both());

    try (ServerTls one = ServerTls.open(all, all)) {
      assertThat(one.context()).isNotNull();
    }
    replace(all, all);
    tls.check();
    assertThat(shown("TLSv1.3")).isEqualTo("CN=first");
  }

  @Test
  void newFilesAreServedToNewConnections() throws IOException {
    replace(second.certificate(), second.key());
    tls.check();

    assertThat(shown("TLSv1.3")).isEqualTo("CN=second");
    assertThat(shown("TLSv1.2")).isEqualTo("CN=second");
  }

  @ParameterizedTest
  @ValueSource(strings = {"broken", "of another key", "missing"})
  void certificateStaysWhenTheNewOneIs(String kind) throws IOException {
    switch (kind) {
      case "broken" -> Files.writeString(served.certificate(), "broken");
      case "missing" -> Files.delete(served.certificate());
      default -> replace(second.certificate(), first.key());
    }
    tls.check();
    assertThat(shown("TLSv1.3")).isEqualTo("CN=first");

    replace(second.certificate(), second.key());
    tls.check();
    assertThat(shown("TLSv1.3")).isEqualTo("CN=second");
  }

  @Test
  void pairThatDoesNotMatchIsRefusedAtTheStart() {
    assertThatThrownBy(() -> ServerTls.open(first.certificate(), second.key()))
        .isInstanceOf(IOException.class)
        .hasMessage(second.key() + " is not the key of " + first.certificate());
  }

  private void replace(Path certificate, Path key) throws IOException {
    Files.copy(certificate, served.certificate(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(key, served.key(), StandardCopyOption.REPLACE_EXISTING);
  }

  private String shown(String version) throws IOException {
    return shown(version, both());
  }

  private String shown(String version, String authorities) throws IOException {
    InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    Path trusted = Files.writeString(folder.resolve("ca.pem"), authorities);
    try (SSLSocket socket =
        (SSLSocket)
            ClientTls.context(Optional.of(trusted))
                .getSocketFactory()
                .createSocket(address.getAddress(), address.getPort())) {
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static String both() throws IOException {
    return Files.readString(first.certificate()) + Files.readString(second.certificate());
  }
}

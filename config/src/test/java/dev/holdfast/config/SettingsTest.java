package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @Test
  void defaultsAreThoseThatAreDocumented() {
    Settings settings = Settings.defaults();

    assertThat(settings.listen()).hasToString("0.0.0.0:8000");
    assertThat(settings.upstreams()).containsExactly(URI.create("http://localhost:8080"));
    assertThat(settings.admin().listen()).contains(new HostPort("127.0.0.1", 9000));
    assertThat(settings.socketio().path()).isEqualTo("/ws/socket.io/");
    assertThat(settings.socketio().connectTimeout()).isEqualTo(Duration.ofSeconds(45));
    assertThat(settings.limits().messageBytes()).isEmpty();
    assertThat(settings.limits().waitingBytes()).isEqualTo(256 * 1024);
    assertThat(settings.drainTimeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.ioThreads()).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void givenTextsReplaceDefaults() {
    Settings settings =
        Settings.of(Map.of("listen", "127.0.0.1:0", "admin.listen", "off", "threads.io", "3"));

    assertThat(settings.listen()).isEqualTo(new HostPort("127.0.0.1", 0));
    assertThat(settings.admin().listen()).isEmpty();
    assertThat(settings.ioThreads()).isEqualTo(3);
  }

  @Test
  void lostClientsAndUpstreamsHaveTheirDefaults() {
    Settings settings = Settings.defaults();

    assertThat(settings.resume())
        .isEqualTo(
            new Settings.Resume(
                Settings.Resume.Mode.AUTO,
                Duration.ofMinutes(5),
                Duration.ofSeconds(15),
                Settings.Resume.Calls.UNANSWERED,
                8 << 20,
                100_000,
                512 << 20,
                256 << 10,
                64 << 10,
                Duration.ofSeconds(5),
                32,
                64 << 10,
                10_000,
                Duration.ofDays(1)));
    assertThat(settings.relink())
        .isEqualTo(
            new Settings.Relink(
                50,
                Duration.ofSeconds(1),
                Duration.ofMinutes(10),
                1 << 20,
                Duration.ofSeconds(20),
                5,
                true,
                Duration.ofSeconds(1)));
    assertThat(settings.proxy().hold()).isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  void resumeAndRelinkAreReadFromTheirTexts() {
    Settings settings =
        Settings.of(
            Map.of(
                "resume.mode", "off",
                "resume.calls", "unconfirmed",
                "resume.kept", "0B",
                "resume.window-after-leaving", "0s",
                "relink.rate", "200",
                "relink.failover-after", "0s",
                "proxy.hold", "0s"));

    assertThat(settings.resume().mode()).isEqualTo(Settings.Resume.Mode.OFF);
    assertThat(settings.resume().calls()).isEqualTo(Settings.Resume.Calls.UNCONFIRMED);
    assertThat(settings.resume().keptBytes()).isZero();
    assertThat(settings.resume().windowAfterLeaving()).isZero();
    assertThat(settings.relink().perSecond()).isEqualTo(200);
    assertThat(settings.relink().failoverAfter()).isZero();
    assertThat(settings.proxy().hold()).isZero();
  }

  @Test
  void unknownKeyIsRefused() {
    assertThatThrownBy(() -> Settings.of(Map.of("lisen", "x")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("lisen (given): no such setting; did you mean listen?");
  }

  @Test
  void everyProblemIsReportedAtOnce() {
    assertThatThrownBy(
            () ->
                Settings.of(
                    Map.of("limits.waiting", "2GiB", "drain.timeout", "30", "listen", "8000")))
        .hasMessageContainingAll(
            "limits.waiting = 2GiB (given): must be 1KiB to 1GiB",
            "drain.timeout = 30 (given): a duration needs a unit: 1500ms, 25s, 5m or 1h",
            "listen = 8000 (given): must be host:port, such as 127.0.0.1:8000 or [::1]:8000");
  }

  @Test
  void certificateAndKeyNeedEachOther(@TempDir Path directory) throws IOException {
    String file = Files.createFile(directory.resolve("server.pem")).toString();

    assertThatThrownBy(() -> Settings.of(Map.of("tls.key", file)))
        .hasMessage("tls.key = " + file + " (given): needs tls.certificate as well");
    assertThatThrownBy(() -> Settings.of(Map.of("tls.certificate", file)))
        .hasMessage("tls.certificate = " + file + " (given): needs tls.key as well");
    assertThat(Settings.of(Map.of("tls.certificate", file, "tls.key", file)).tls().key())
        .contains(Path.of(file));
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> Settings.of(Map.of("listen", "127.0.0.1:9000")))
        .hasMessage("admin.listen = 127.0.0.1:9000 (default): must not be the address of listen");
    assertThat(Settings.of(Map.of("listen", "[::1]:0", "admin.listen", "[::1]:0")).listen())
        .hasToString("[::1]:0");
  }

  @Test
  void secretKeyIsNotPrinted() {
    Settings settings = Settings.of(Map.of("auth.secret-key", " s3cret "));

    assertThat(settings.auth().secretKey()).contains(" s3cret ");
    assertThat(settings.toString()).doesNotContain("s3cret");
  }
}

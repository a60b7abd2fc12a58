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

    assertThat(settings.get(EdgeKeys.LISTEN)).hasToString("0.0.0.0:8000");
    assertThat(settings.get(UpstreamKeys.UPSTREAMS))
        .containsExactly(URI.create("http://localhost:8080"));
    assertThat(settings.get(EdgeKeys.ADMIN_LISTEN)).contains(new HostPort("127.0.0.1", 9000));
    assertThat(settings.get(EdgeKeys.PATH)).isEqualTo("/ws/socket.io/");
    assertThat(settings.get(EdgeKeys.CONNECT_TIMEOUT)).isEqualTo(Duration.ofSeconds(45));
    assertThat(settings.get(LimitKeys.MESSAGE)).isEmpty();
    assertThat(settings.get(LimitKeys.WAITING)).isEqualTo(256 * 1024);
    assertThat(settings.get(ProcessKeys.DRAIN_TIMEOUT)).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.get(ProcessKeys.IO_THREADS))
        .isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void givenTextsReplaceDefaults() {
    Settings settings =
        Settings.of(Map.of("listen", "127.0.0.1:0", "admin.listen", "off", "threads.io", "3"));

    assertThat(settings.get(EdgeKeys.LISTEN)).isEqualTo(new HostPort("127.0.0.1", 0));
    assertThat(settings.get(EdgeKeys.ADMIN_LISTEN)).isEmpty();
    assertThat(settings.get(ProcessKeys.IO_THREADS)).isEqualTo(3);
  }

  @Test
  void lostClientsAndUpstreamsHaveTheirDefaults() {
    Settings settings = Settings.defaults();

    assertThat(settings.get(ResumeKeys.MODE)).isEqualTo(ResumeKeys.Mode.AUTO);
    assertThat(settings.get(ResumeKeys.WINDOW)).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.get(ResumeKeys.WINDOW_AFTER_LEAVING)).isEqualTo(Duration.ofSeconds(15));
    assertThat(settings.get(ResumeKeys.CALLS)).isEqualTo(ResumeKeys.Calls.UNANSWERED);
    assertThat(settings.get(ResumeKeys.OUTBOX)).isEqualTo(8 << 20);
    assertThat(settings.budgets().outboxes()).isEqualTo(512 << 20);
    assertThat(settings.get(ResumeKeys.NON_RESUMING_TIME)).isEqualTo(Duration.ofDays(1));
    assertThat(settings.get(RelinkKeys.RATE)).isEqualTo(50);
    assertThat(settings.get(RelinkKeys.OVERLAP)).isEqualTo(Duration.ofSeconds(20));
    assertThat(settings.get(RelinkKeys.FENCES)).isTrue();
    assertThat(settings.get(ProxyKeys.HOLD)).isEqualTo(Duration.ofSeconds(15));
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

    assertThat(settings.get(ResumeKeys.MODE)).isEqualTo(ResumeKeys.Mode.OFF);
    assertThat(settings.get(ResumeKeys.CALLS)).isEqualTo(ResumeKeys.Calls.UNCONFIRMED);
    assertThat(settings.get(ResumeKeys.KEPT)).isZero();
    assertThat(settings.get(ResumeKeys.WINDOW_AFTER_LEAVING)).isZero();
    assertThat(settings.get(RelinkKeys.RATE)).isEqualTo(200);
    assertThat(settings.get(RelinkKeys.FAILOVER_AFTER)).isZero();
    assertThat(settings.get(ProxyKeys.HOLD)).isZero();
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
    assertThat(
            Settings.of(Map.of("tls.certificate", file, "tls.key", file)).get(EdgeKeys.PRIVATE_KEY))
        .contains(Path.of(file));
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> Settings.of(Map.of("listen", "127.0.0.1:9000")))
        .hasMessage("admin.listen = 127.0.0.1:9000 (default): must not be the address of listen");
    assertThat(
            Settings.of(Map.of("listen", "[::1]:0", "admin.listen", "[::1]:0"))
                .get(EdgeKeys.LISTEN))
        .hasToString("[::1]:0");
  }

  @Test
  void secretKeyIsNotPrinted() {
    Settings settings = Settings.of(Map.of("auth.secret-key", " s3cret "));

    assertThat(settings.get(ProxyKeys.SECRET_KEY)).contains(" s3cret ");
    assertThat(settings.toString()).doesNotContain("s3cret");
  }
}

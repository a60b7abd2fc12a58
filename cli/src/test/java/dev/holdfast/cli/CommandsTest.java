package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  @Test
  void helpNamesEveryCommandAndExitCode() {
    Ran ran = Ran.command("--help");

    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("serve", "check", "config", "demo", "health", "version", "completion")
        .contains("nodes", "sessions", "upstreams", "why", "kick", "drain", "undrain")
        .contains("0   done, or stopped as asked", "2   bad option or setting");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "check",
        "config",
        "demo",
        "health",
        "nodes",
        "sessions",
        "upstreams",
        "why",
        "kick",
        "drain",
        "undrain"
      })
  void helpFitsTheScreen(String command) {
    Ran ran = Ran.command(command, "--help");

    assertThat(ran.code()).isZero();
    assertThat(ran.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(ran.out()).contains("Exit codes:");
  }

  @Test
  void missingOrUnknownCommandEndsWithTwo() {
    assertThat(Ran.command().code()).isEqualTo(2);
    assertThat(Ran.command("sevre").code()).isEqualTo(2);
    assertThat(Ran.command("serve", "--lisen", "x").code()).isEqualTo(2);
    assertThat(Ran.command("demo", "--port", "70000"))
        .satisfies(ran -> assertThat(ran.code()).isEqualTo(2))
        .satisfies(ran -> assertThat(ran.err()).contains("--port must be 0 to 65535, not 70000"));
  }

  @Test
  void serveNamesEverySettingThatIsWrong() {
    Ran ran =
        Ran.in(
            Map.of("HOLDFAST_DRAIN_TIMEOUT", "30"), "serve", "--listen", "8000", "--set", "a.b=c");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err().lines())
        .containsExactly(
            "holdfast: 3 settings cannot be used",
            "  a.b (--set): no such setting",
            "  listen = 8000 (--listen): must be host:port, such as 127.0.0.1:8000 or [::1]:8000",
            "  drain.timeout = 30 (environment HOLDFAST_DRAIN_TIMEOUT):"
                + " a duration needs a unit: 1500ms, 25s, 5m or 1h");
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "check", "config"})
  void settingBeyondWhatThereIsIsRefused(String command) {
    Ran ran = Ran.command(command, "--set", "limits.buffers=1TiB");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .contains("limits.buffers = 1TiB (--set): must be at most ", "-XX:MaxDirectMemorySize");
  }

  @Test
  void settingsOfARunningProcessAreNotMeasuredByTheCommandsOwn() {
    Ran ran = Ran.command("health", "--admin-listen", "off", "--set", "limits.buffers=1TiB");

    assertThat(ran.err()).contains("there is nothing to check");
  }

  @Test
  void configSaysWhatThereIsAndWhatIsSpent() {
    assertThat(Ran.command("config").out())
        .containsPattern("auto: memory \\S+, heap \\S+, direct memory \\S+, \\d+ descriptors: ")
        .containsPattern("limits.buffers \\d+[KMG]iB, resume.memory \\d+");
  }

  @Test
  void setNeedsKeyAndValue() {
    Ran ran = Ran.command("config", "--set", "listen");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("listen (--set): must be KEY=VALUE");
  }

  @Test
  void configShowsValuesAndSourcesButNoSecret() {
    Ran ran =
        Ran.in(
            Map.of("WEBUI_SECRET_KEY", "s3cret"),
            "config",
            "--upstream",
            "http://a:1",
            "--upstream",
            "http://b:2",
            "--admin-listen",
            "off");

    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .containsPattern("listen +0.0.0.0:8000 +default")
        .containsPattern("upstreams +http://a:1,http://b:2 +--upstream")
        .containsPattern("admin.listen +off +--admin-listen")
        .containsPattern("auth.secret-key +\\*{8} +environment WEBUI_SECRET_KEY")
        .doesNotContain("s3cret");
  }

  @Test
  void configAsYamlLeavesSecretsOut() {
    Ran ran = Ran.in(Map.of("HOLDFAST_ADMIN_TOKEN", "s3cret-s3cret-s3cret"), "config", "--yaml");

    assertThat(ran.out()).contains("# admin.token holds a secret").doesNotContain("s3cret");
  }

  @Test
  void configAsYamlIsASettingsFile(@TempDir Path directory) throws IOException {
    String[] given = {
      "config", "--yaml", "--upstream", "http://a:1,http://b:2", "--set", "limits.header=32KiB"
    };
    Path file = Files.writeString(directory.resolve("again.yaml"), Ran.command(given).out());

    assertThat(Ran.command("config", "--config", file.toString()).out())
        .containsPattern("upstreams +http://a:1,http://b:2 +\\S+again.yaml line 1")
        .containsPattern("limits.header +32KiB +\\S+again.yaml line 2");
  }

  @Test
  void versionNamesProgramAndJava() {
    assertThat(Ran.command("version").out()).contains("holdfast development", "Java ");
    assertThat(Ran.command("--version").out()).isEqualTo(Ran.command("version").out());
  }

  @Test
  void completionKnowsCommandsAndOptions() {
    assertThat(Ran.command("completion").out())
        .contains(
            "#!/usr/bin/env bash",
            "serve check nodes sessions upstreams why kick drain undrain config demo",
            "--admin-listen");
  }

  @Test
  void completionKnowsSettings() {
    assertThat(Ran.command("completion").out())
        .contains(Settings.keys().stream().map(key -> key.name() + "=").toList());
  }

  @Test
  void helpShowsTheDefaults() {
    assertThat(Ran.command("serve", "--help").out())
        .contains(
            "(default: " + EdgeKeys.LISTEN.fallback() + ")",
            "(default: " + UpstreamKeys.UPSTREAMS.fallback() + ")",
            "(default: " + EdgeKeys.ADMIN_LISTEN.fallback() + ")");
  }
}

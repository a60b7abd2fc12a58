package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
  @TempDir private Path directory;

  @Test
  void flagWinsOverEnvironmentOverFileOverDefault() throws IOException {
    Path file = file("limits: {attachments: 1, post-packets: 1, connections: 1}");
    Map<String, String> environment =
        Map.of("HOLDFAST_LIMITS_ATTACHMENTS", "2", "HOLDFAST_LIMITS_POST_PACKETS", "2");
    List<Flag> flags = List.of(new Flag("--set", "limits.attachments", "3"));

    Configuration configuration = Configuration.load(flags, environment, Optional.of(file));

    assertThat(configuration.settings().get(LimitKeys.ATTACHMENTS)).isEqualTo(3);
    assertThat(configuration.settings().get(LimitKeys.POST_PACKETS)).isEqualTo(2);
    assertThat(configuration.settings().budgets().connections()).isEqualTo(1);
    assertThat(configuration.values())
        .contains(
            new Configuration.Effective("limits.attachments", "3", "--set", false),
            new Configuration.Effective(
                "limits.post-packets", "2", "environment HOLDFAST_LIMITS_POST_PACKETS", false),
            new Configuration.Effective("limits.connections", "1", file + " line 1", false),
            new Configuration.Effective("limits.header", "64KiB", "default", false));
  }

  @Test
  void environmentNamesTheFile() throws IOException {
    Path file = file("drain.timeout: 7s");

    Configuration configuration = load(Map.of("HOLDFAST_CONFIG", file.toString()));

    assertThat(configuration.settings().get(ProcessKeys.DRAIN_TIMEOUT))
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(load(Map.of("HOLDFAST_CONFIG", "")).values()).isEqualTo(load(Map.of()).values());
  }

  @Test
  void flagMayBeGivenOnce() {
    List<Flag> flags =
        List.of(
            new Flag("--listen", "listen", "127.0.0.1:1"),
            new Flag("--set", "listen", "127.0.0.1:2"));

    assertThatThrownBy(() -> Configuration.load(flags, Map.of(), Optional.empty()))
        .hasMessage("listen (--set): is given more than once");
  }

  @Test
  void problemsOfAllSourcesAreReportedTogether() throws IOException {
    Path file = file("limits:\n  messsage: 1MB\n  attachments: many\n");
    Map<String, String> environment = Map.of("HOLDFAST_DRAIN_TIMEOUT", "30");
    List<Flag> flags = List.of(new Flag("--listen", "listen", "8000"));

    assertThatThrownBy(() -> Configuration.load(flags, environment, Optional.of(file)))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        new Problem(
                            "limits.messsage",
                            file + " line 2",
                            "",
                            "no such setting; did you mean limits.message?"),
                        new Problem(
                            "listen",
                            "--listen",
                            "8000",
                            "must be host:port, such as 127.0.0.1:8000 or [::1]:8000"),
                        new Problem(
                            "limits.attachments",
                            file + " line 3",
                            "many",
                            "must be a whole number, 0 to 1000"),
                        new Problem(
                            "drain.timeout",
                            "environment HOLDFAST_DRAIN_TIMEOUT",
                            "30",
                            "a duration needs a unit: 1500ms, 25s, 5m or 1h")));
  }

  @Test
  void secretIsMasked() {
    Configuration configuration = load(Map.of("WEBUI_SECRET_KEY", "s3cret"));

    assertThat(configuration.settings().get(ProxyKeys.SECRET_KEY)).contains("s3cret");
    assertThat(configuration.toString()).contains("********").doesNotContain("s3cret");
    assertThat(ProxyKeys.SECRET_KEY.shown("")).isEmpty();
  }

  private static Configuration load(Map<String, String> environment) {
    return Configuration.load(List.of(), environment, Optional.empty());
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("holdfast.yaml"), yaml);
  }
}

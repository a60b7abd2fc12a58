package dev.holdfast.cli;

import dev.holdfast.ProcessCapacity;
import dev.holdfast.config.Capacity;
import dev.holdfast.config.ConfigException;
import dev.holdfast.config.Configuration;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.Flag;
import dev.holdfast.config.Problem;
import dev.holdfast.config.UpstreamKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options with which every command accepts settings. */
final class SettingsOptions {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Address for browsers (default: 0.0.0.0:8000).")
  private @Nullable String listen;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "An Open WebUI instance; repeatable\n(default: http://localhost:8080).")
  private @Nullable List<String> upstreams;

  @Option(
      names = "--admin-listen",
      paramLabel = "HOST:PORT",
      description =
          "Address for health, metrics and the admin API, or 'off'\n(default: 127.0.0.1:9000).")
  private @Nullable String adminListen;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "YAML file with settings (default: $HOLDFAST_CONFIG).")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      completionCandidates = SettingNames.class,
      description = "Any other setting; 'holdfast config' lists them.")
  private @Nullable List<String> others;

  /** Returns the settings from all sources, checked against this process. */
  Configuration load(Map<String, String> environment) {
    return load(environment, Optional.of(ProcessCapacity.read()));
  }

  /** Returns the settings of a running process, without checking its resources. */
  Configuration loadForOther(Map<String, String> environment) {
    return load(environment, Optional.empty());
  }

  private Configuration load(Map<String, String> environment, Optional<Capacity> capacity) {
    List<Flag> flags = new ArrayList<>();
    if (listen != null) {
      flags.add(new Flag("--listen", EdgeKeys.LISTEN.name(), listen));
    }
    if (upstreams != null) {
      flags.add(new Flag("--upstream", UpstreamKeys.UPSTREAMS.name(), String.join(",", upstreams)));
    }
    if (adminListen != null) {
      flags.add(new Flag("--admin-listen", EdgeKeys.ADMIN_LISTEN.name(), adminListen));
    }
    if (others != null) {
      others.forEach(text -> flags.add(flag(text)));
    }
    return Configuration.load(flags, environment, Optional.ofNullable(file), capacity);
  }

  /** Parses a setting of the form {@code KEY=VALUE}. */
  static Flag flag(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new ConfigException(List.of(new Problem(text, "--set", "", "must be KEY=VALUE")));
    }
    return new Flag("--set", text.substring(0, equals).strip(), text.substring(equals + 1));
  }
}

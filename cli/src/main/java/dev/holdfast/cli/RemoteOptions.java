package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.cli.remote.Remote;
import dev.holdfast.config.Configuration;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.Flag;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of commands that contact running nodes. */
final class RemoteOptions {
  private static final Pattern ADDRESS =
      Pattern.compile("(?:http://)?(\\[[^\\]]+\\]|[^:/]+):(\\d{1,5})/?");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description =
          "The admin port of a node, which answers for all\n(default: through redis.url of the"
              + " settings, or else\nadmin.listen).")
  private @Nullable String admin;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "YAML file with settings (default: $HOLDFAST_CONFIG).")
  private @Nullable Path file;

  @Option(
      names = "--set",
      completionCandidates = SettingNames.class,
      paramLabel = "KEY=VALUE",
      description = "Any setting, such as admin.token-file or redis.url.")
  private @Nullable List<String> others;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** Returns the settings from all sources. */
  Settings settings(Map<String, String> environment) {
    List<Flag> flags =
        others == null ? List.of() : others.stream().map(SettingsOptions::flag).toList();
    return Configuration.load(flags, environment, Optional.ofNullable(file)).settings();
  }

  /** Connects to the nodes that these options and settings specify. */
  Remote connect(Settings settings) throws IOException {
    Optional<HostPort> address = Optional.ofNullable(admin).map(this::address);
    if (address.isEmpty()
        && settings.redis().url().isEmpty()
        && settings.get(EdgeKeys.ADMIN_LISTEN).isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "admin.listen is off and redis.url is not set: there is no node to query");
    }
    return Remote.of(settings, address);
  }

  private HostPort address(String text) {
    Matcher matcher = ADDRESS.matcher(text);
    if (!matcher.matches()) {
      throw new ParameterException(
          spec.commandLine(), "--admin must be host:port, such as 127.0.0.1:9000, not " + text);
    }
    String host = matcher.group(1).replaceAll("[\\[\\]]", "");
    return new HostPort(host, Integer.parseInt(matcher.group(2)));
  }

  boolean isForPrograms() {
    return json;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Warns of nodes that have not answered. */
  void warnOfSilence(JsonNode answer) {
    answer
        .path("silent")
        .forEach(
            node ->
                spec.commandLine()
                    .getErr()
                    .println("holdfast: node " + node.asText() + " did not answer"));
  }

  /** Prints an answer unchanged. */
  void print(JsonNode answer) {
    out().println(answer);
    out().flush();
  }
}

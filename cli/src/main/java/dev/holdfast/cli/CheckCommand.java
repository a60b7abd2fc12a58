package dev.holdfast.cli;

import dev.holdfast.cluster.Member;
import dev.holdfast.config.ConfigException;
import dev.holdfast.config.Configuration;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.redis.Observer;
import dev.holdfast.redis.RedisCheck;
import dev.holdfast.upstream.Finding;
import dev.holdfast.upstream.NodeCheck;
import dev.holdfast.upstream.UpstreamCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code holdfast check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Check the settings, each upstream (reachable, healthy, serves its page, WebSocket support is on,"
          + " handshake, limits) and, if configured, Redis (server, rights, latency, memory, replicas that miss events) and"
          + " the registered nodes (reachable from here).",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no problem",
      "1:an upstream, Redis or a node has a problem",
      "2:bad option or setting"
    })
final class CheckCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Spec private CommandSpec spec;
  @Mixin private SettingsOptions options;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  CheckCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    CheckReport report = new CheckReport(spec.commandLine().getOut());
    Configuration configuration;
    try {
      configuration = options.load(environment);
    } catch (ConfigException e) {
      if (!json) {
        throw e;
      }
      report.json(e.problems(), new CheckReport.Found(List.of(), Map.of(), List.of(), List.of()));
      return ExitCode.USAGE;
    }
    Settings settings = configuration.settings();
    Map<URI, List<Finding>> findings = new LinkedHashMap<>();
    settings
        .get(UpstreamKeys.UPSTREAMS)
        .forEach(uri -> findings.put(uri, UpstreamCheck.run(uri, settings)));
    CheckReport.Found found =
        new CheckReport.Found(
            configuration.notices(), findings, RedisCheck.run(settings), nodes(settings));
    if (json) {
      report.json(List.of(), found);
    } else {
      report.table(found);
    }
    return found.ok() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private static List<Finding> nodes(Settings settings) throws IOException {
    if (settings.redis().url().isEmpty()) {
      return List.of();
    }
    List<Member> nodes;
    try (Observer observer = Observer.of(settings)) {
      nodes = observer.nodes();
    } catch (IOException | UncheckedIOException e) {
      // Problems with Redis are reported as findings of their own.
      return List.of();
    }
    return NodeCheck.run(nodes, settings);
  }
}

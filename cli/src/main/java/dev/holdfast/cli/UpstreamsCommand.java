package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.admin.UpstreamView;
import dev.holdfast.cli.remote.Remote;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code holdfast upstreams}. */
@Command(
    name = "upstreams",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {"List the Open WebUI instances and their state on each node.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:no answer", "2:bad option or setting"})
final class UpstreamsCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  UpstreamsCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    try (Remote nodes = options.connect(options.settings(environment))) {
      JsonNode answer = nodes.get("/upstreams", Map.of());
      options.warnOfSilence(answer);
      if (options.isForPrograms()) {
        options.print(answer);
        return ExitCode.OK;
      }
      Table table = new Table("UPSTREAM", "NODE", "STATE", "SESSIONS", "DETAIL");
      for (UpstreamView each : Remote.rows(answer, "upstreams", UpstreamView[].class)) {
        String state = each.drained() ? each.state() + ", drained" : each.state();
        table.add(each.name(), each.node(), state, each.sessions(), each.detail());
      }
      table.print(options.out());
      return ExitCode.OK;
    }
  }
}

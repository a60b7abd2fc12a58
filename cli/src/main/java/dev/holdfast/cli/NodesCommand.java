package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.admin.NodeView;
import dev.holdfast.cli.remote.Remote;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code holdfast nodes}. */
@Command(
    name = "nodes",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {"List the nodes of the cluster.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:no answer", "2:bad option or setting"})
final class NodesCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  NodesCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    try (Remote nodes = options.connect(options.settings(environment))) {
      JsonNode answer = nodes.get("/nodes", Map.of());
      if (options.isForPrograms()) {
        options.print(answer);
        return ExitCode.OK;
      }
      Table table = new Table("NODE", "STATE", "SESSIONS", "PARKED", "ADDRESS", "VERSION");
      for (NodeView each : Remote.rows(answer, "nodes", NodeView[].class)) {
        String state = each.draining() ? "draining" : "ready";
        table.add(each.id(), state, each.sessions(), each.parked(), each.address(), each.version());
      }
      table.print(options.out());
      return ExitCode.OK;
    }
  }
}

package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.cli.remote.Remote;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast undrain}. */
@Command(
    name = "undrain",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {"Allow sessions on a drained upstream again.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:no answer",
      "2:bad option or setting",
      "3:there is no such upstream"
    })
final class UndrainCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  @Option(names = "--upstream", required = true, paramLabel = "URL", description = "The upstream.")
  private String upstream;

  UndrainCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    try (Remote nodes = options.connect(options.settings(environment))) {
      JsonNode told = nodes.post("/undrain", Map.of("upstream", UpstreamName.of(upstream)));
      options.warnOfSilence(told);
      if (options.isForPrograms()) {
        options.print(told);
      } else {
        options.out().println("sessions may go to " + UpstreamName.of(upstream) + " again");
        options.out().flush();
      }
      return ExitCode.OK;
    }
  }
}

package dev.holdfast.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast}: the list of commands. */
@Command(
    name = "holdfast",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    header = "A WebSocket gateway for Open WebUI.",
    description = {
      "",
      "Holdfast stands between browsers and Open WebUI. It keeps the Socket.IO sessions of pages alive and"
          + " proxies all other requests.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nTo begin:%n",
    footer = {
      "  holdfast demo                               try it; needs nothing else",
      "  holdfast check --upstream http://HOST:8080  check that it works with Open WebUI",
      "  holdfast serve --upstream http://HOST:8080  serve Open WebUI on port 8000"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, or stopped as asked",
      "1:failed",
      "2:bad option or setting",
      "3:not found"
    })
final class Holdfast implements Runnable {
  @Spec private CommandSpec spec;

  /** Returns all commands, which also read settings from this environment. */
  static CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(new Holdfast())
        .addSubcommand(new ServeCommand(environment))
        .addSubcommand(new CheckCommand(environment))
        .addSubcommand(new NodesCommand(environment))
        .addSubcommand(new SessionsCommand(environment))
        .addSubcommand(new UpstreamsCommand(environment))
        .addSubcommand(new WhyCommand(environment))
        .addSubcommand(new KickCommand(environment))
        .addSubcommand(new DrainCommand(environment))
        .addSubcommand(new UndrainCommand(environment))
        .addSubcommand(new ConfigCommand(environment))
        .addSubcommand(new DemoCommand(environment))
        .addSubcommand(new HealthCommand(environment))
        .addSubcommand(new VersionCommand())
        .addSubcommand(new CompletionCommand())
        .setExecutionExceptionHandler(new Failures());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is required.");
  }
}

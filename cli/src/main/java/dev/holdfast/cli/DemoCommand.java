package dev.holdfast.cli;

import dev.holdfast.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code holdfast demo}: a real gateway in front of a stand-in for Open WebUI, on this machine
 * only.
 */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Serve a page to try Holdfast. Needs neither Open WebUI nor a network: a small stand-in for Open WebUI"
          + " runs in the same process.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:stopped as asked", "1:failed while running", "2:bad option"})
final class DemoCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of the page (default: a free port).")
  private int port;

  DemoCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 0 || port > 65_535) {
      throw new ParameterException(spec.commandLine(), "--port must be 0 to 65535, not " + port);
    }
    Log.start(Settings.of(Map.of("logging.level", "warn")));
    try {
      serve();
      return ExitCode.OK;
    } finally {
      Log.stop();
    }
  }

  private void serve() throws IOException, InterruptedException {
    Demo demo = Demo.start(port, environment);
    Stop.by(demo::close);
    PrintWriter out = spec.commandLine().getOut();
    out.println("Holdfast serves its demo at " + demo.page());
    out.println("  stand-in for Open WebUI  " + demo.upstream());
    out.println("  health and metrics       " + demo.admin());
    out.println("Ctrl-C stops it.");
    out.flush();
    new CountDownLatch(1).await();
  }
}

package dev.holdfast.cli;

import dev.holdfast.Gateway;
import dev.holdfast.HeapTrim;
import dev.holdfast.config.Configuration;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** {@code holdfast serve}: runs until the process is stopped. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Run the gateway.",
      "",
      "Each option is also an environment variable (HOLDFAST_LISTEN, HOLDFAST_LIMITS_MESSAGE) and a"
          + " key of the settings file. Options override variables, and variables override the file."
          + " SIGTERM or Ctrl-C drains: requests in flight finish, then the process ends.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:stopped as asked", "1:failed while running", "2:bad option or setting"})
final class ServeCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private SettingsOptions options;

  ServeCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration = options.load(environment);
    Log.start(configuration.settings());
    try {
      // Not a constant, since other commands start faster without a log.
      serve(configuration, LoggerFactory.getLogger(ServeCommand.class));
      return ExitCode.OK;
    } finally {
      Log.stop();
    }
  }

  private static void serve(Configuration configuration, Logger log)
      throws IOException, InterruptedException {
    log.info("holdfast {} on Java {}", Version.number(), Runtime.version());
    log.info(configuration.budgets());
    configuration.notices().forEach(log::warn);
    Settings settings = configuration.settings();
    Gateway gateway = Gateway.start(settings);
    Stop.by(gateway::drainAndClose);
    settings.get(UpstreamKeys.UPSTREAMS).forEach(upstream -> log.info("upstream {}", upstream));
    gateway.adminAddress().ifPresent(admin -> log.info("admin on {}", url("http", admin)));
    String scheme = settings.get(EdgeKeys.CERTIFICATE).isPresent() ? "https" : "http";
    log.info("listening on {}", url(scheme, gateway.address()));
    HeapTrim.start();
    new CountDownLatch(1).await();
  }

  static String url(String scheme, InetSocketAddress address) {
    return scheme + "://" + new HostPort(address.getHostString(), address.getPort());
  }
}

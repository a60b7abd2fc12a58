package dev.holdfast.cli;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.HostPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast health}: queries a running Holdfast, for a container's health check. */
@Command(
    name = "health",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Check whether the Holdfast with the same settings is alive; for health checks of"
          + " containers.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:alive, or ready", "1:not", "2:bad option or setting"})
final class HealthCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Map<String, String> environment;

  @Spec private CommandSpec spec;
  @Mixin private SettingsOptions options;

  @Option(
      names = "--admin",
      paramLabel = "URL",
      description =
          "Address of the admin port (default: from the settings), such as http://127.0.0.1:9000.")
  private @Nullable URI admin;

  @Option(names = "--ready", description = "Check whether it is ready to serve browsers.")
  private boolean ready;

  HealthCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    URI url = (admin == null ? configured() : admin).resolve(ready ? "/readyz" : "/healthz");
    PrintWriter out = spec.commandLine().getOut();
    try {
      int status = status(url);
      out.println(url + " answers " + status);
      return status == HttpURLConnection.HTTP_OK ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (IOException e) {
      out.println(url + " does not answer: " + e.getMessage());
      return ExitCode.SOFTWARE;
    }
  }

  private URI configured() {
    HostPort address =
        options
            .loadForOther(environment)
            .settings()
            .get(EdgeKeys.ADMIN_LISTEN)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "admin.listen is off: there is nothing to check"));
    return URI.create("http://" + address.fromHere());
  }

  /** Returns the status of the response to a GET. */
  static int status(URI url) throws IOException {
    return status(url, TIMEOUT);
  }

  /** Returns the status if the complete response head arrives within this time. */
  static int status(URI url, Duration timeout) throws IOException {
    FutureTask<Integer> asking = new FutureTask<>(() -> ask(url, timeout));
    // The connection's own timeouts restart with each byte.
    Thread thread = new Thread(asking, "health");
    thread.setDaemon(true);
    thread.start();
    try {
      return asking.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + timeout.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(cause == null ? "failed" : cause.getMessage(), e);
    }
  }

  private static int ask(URI url, Duration timeout) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(Math.toIntExact(timeout.toMillis()));
    // Longer than the caller waits: after a read timeout getResponseCode may return a partial
    // status line's code.
    connection.setReadTimeout(Math.toIntExact(timeout.multipliedBy(2).toMillis()));
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }
}

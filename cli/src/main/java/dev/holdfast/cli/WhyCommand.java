package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.admin.Explanation;
import dev.holdfast.cli.remote.RefusedException;
import dev.holdfast.cli.remote.Remote;
import dev.holdfast.time.WallClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code holdfast why}. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {"Explain the state of a session, or of each session of a user.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:no answer",
      "2:bad option or setting",
      "3:there is no such session or user"
    })
final class WhyCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  @Parameters(paramLabel = "SID|USER", description = "The sid of a session, or the id of a user.")
  private String who;

  WhyCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    try (Remote nodes = options.connect(options.settings(environment))) {
      JsonNode answer = ask(nodes);
      options.warnOfSilence(answer);
      if (options.isForPrograms()) {
        options.print(answer);
        return ExitCode.OK;
      }
      for (Explanation each : Remote.rows(answer, "sessions", Explanation[].class)) {
        explain(each);
      }
      return ExitCode.OK;
    }
  }

  private JsonNode ask(Remote nodes) throws IOException {
    try {
      return nodes.get("/why", Map.of("sid", who));
    } catch (RefusedException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      return nodes.get("/why", Map.of("user", who));
    }
  }

  private void explain(Explanation why) {
    PrintWriter out = options.out();
    out.println("session " + why.sid());
    line("user", why.user().isEmpty() ? "not known" : why.user());
    line("client", why.address() + ", for " + Age.of(WallClock.seconds() - why.since()));
    line("node", why.node() + (why.throughNode() ? ", its client comes through another" : ""));
    line("upstream", why.upstream() + ": " + why.because());
    line("state", why.state() + end(why));
    line("transport", why.transport() + " (transports so far: " + why.transports() + ")");
    line("last close", why.lastClose());
    line("last resume", why.lastResume());
    line("outbox", why.outboxBytes() + " bytes");
    out.flush();
  }

  private static String end(Explanation why) {
    return why.secondsLeft() < 0
        ? ""
        : ", ends in " + Age.of(why.secondsLeft()) + " unless that changes";
  }

  private void line(String name, String text) {
    options.out().printf("  %-12s  %s%n", name, text);
  }
}

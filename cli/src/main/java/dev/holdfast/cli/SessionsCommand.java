package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.admin.SessionView;
import dev.holdfast.cli.remote.Remote;
import dev.holdfast.time.Deadline;
import dev.holdfast.time.WallClock;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code holdfast sessions}. */
@Command(
    name = "sessions",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {"List the sessions of all nodes, oldest first.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:no answer", "2:bad option or setting"})
final class SessionsCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  @Option(names = "--user", paramLabel = "ID", description = "Only sessions of this user.")
  private @Nullable String user;

  @Option(names = "--node", paramLabel = "NODE", description = "Only sessions of this node.")
  private @Nullable String node;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "Only sessions linked to this upstream.")
  private @Nullable String upstream;

  @Option(names = "--parked", description = "Only parked sessions.")
  private boolean parked;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Maximum number (default: 1000).")
  private int limit;

  @Option(names = "--watch", description = "Repeat every two seconds until Ctrl-C.")
  private boolean watch;

  private static final Duration AGAIN = Duration.ofSeconds(2);

  SessionsCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Remote nodes = options.connect(options.settings(environment))) {
      show(nodes.get("/sessions", query()));
      while (watch) {
        Deadline.in(AGAIN).pause(AGAIN);
        if (!options.isForPrograms()) {
          options.out().println();
        }
        show(nodes.get("/sessions", query()));
      }
      return ExitCode.OK;
    }
  }

  private Map<String, String> query() {
    Map<String, String> query = new HashMap<>();
    query.put("limit", Integer.toString(limit));
    if (user != null) {
      query.put("user", user);
    }
    if (node != null) {
      query.put("node", node);
    }
    if (upstream != null) {
      query.put("upstream", UpstreamName.of(upstream));
    }
    if (parked) {
      query.put("state", "parked");
    }
    return query;
  }

  private void show(JsonNode answer) throws IOException {
    if (options.isForPrograms()) {
      options.print(answer);
      return;
    }
    List<SessionView> sessions = Remote.rows(answer, "sessions", SessionView[].class);
    if (answer.path("total").asInt() == 0) {
      options.out().println("no sessions");
      options.out().flush();
      return;
    }
    Table table = new Table("SID", "USER", "NODE", "UPSTREAM", "CLIENT", "STATE", "AGE");
    for (SessionView each : sessions) {
      table.add(
          each.sid(),
          each.user(),
          each.node(),
          each.upstream(),
          each.address(),
          each.state(),
          Age.of(WallClock.seconds() - each.since()));
    }
    table.print(options.out());
    int more = answer.path("total").asInt() - sessions.size();
    if (more > 0) {
      options.out().println("and " + more + " more; --limit shows them");
    }
    options.out().flush();
  }
}

package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.SessionView;
import dev.holdfast.cli.remote.Remote;
import dev.holdfast.time.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast kick}. */
@Command(
    name = "kick",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "End a session, or all sessions of a user.",
      "",
      "The browser reconnects and gets a new session; nothing of the old one is kept."
          + " To keep a user out, sign the user out in Open WebUI first.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the sessions have ended",
      "1:no answer, or sessions left after the timeout",
      "2:bad option or setting",
      "3:there is no such session"
    })
final class KickCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  @ArgGroup(multiplicity = "1")
  private Whom whom = new Whom();

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  /** A session or a user. */
  static final class Whom {
    @Parameters(paramLabel = "SID", description = "The Socket.IO sid of a session.")
    private @Nullable String sid;

    @Option(names = "--user", paramLabel = "ID", description = "All sessions of a user.")
    private @Nullable String user;

    Map<String, String> query() {
      return sid != null ? Map.of("sid", sid) : Map.of("user", String.valueOf(user));
    }
  }

  KickCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Remote nodes = options.connect(options.settings(environment))) {
      JsonNode told = nodes.post("/kick", whom.query());
      Set<String> kicked = new HashSet<>(told.path("sessions").findValuesAsText("sid"));
      Set<String> left = new HashSet<>(kicked);
      Deadline deadline = Deadline.in(TIMEOUT);
      while (!left.isEmpty() && !deadline.isOver()) {
        JsonNode now = nodes.get("/sessions", whom.query());
        left.retainAll(now.path("sessions").findValuesAsText("sid"));
        if (!left.isEmpty()) {
          deadline.pause(LOOK_AGAIN);
        }
      }
      say(told, kicked.size(), left);
      return left.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private void say(JsonNode told, int kicked, Set<String> left) throws IOException {
    if (options.isForPrograms()) {
      options.print(
          new JsonMapper().valueToTree(Map.of("ended", kicked - left.size(), "left", left)));
      return;
    }
    List<SessionView> sessions = Remote.rows(told, "sessions", SessionView[].class);
    for (SessionView each : sessions) {
      String end = left.contains(each.sid()) ? "is still there" : "is gone";
      options.out().println(each.sid() + " on node " + each.node() + " " + end);
    }
    options.out().flush();
  }
}

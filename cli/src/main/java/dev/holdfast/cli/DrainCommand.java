package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.NodeView;
import dev.holdfast.admin.UpstreamView;
import dev.holdfast.cli.remote.Remote;
import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.time.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast drain}. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = {
      "Move all sessions off a node or an Open WebUI instance.",
      "",
      "A drained node accepts no new sessions and keeps listening until it is stopped. Sessions of a"
          + " drained upstream switch over to the others while their browsers stay connected; 'undrain'"
          + " allows sessions there again.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no session is left",
      "1:no answer, or sessions left after the timeout",
      "2:bad option or setting",
      "3:there is no such node or upstream"
    })
final class DrainCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Mixin private RemoteOptions options;

  @ArgGroup(multiplicity = "1")
  private What what = new What();

  @Option(names = "--no-wait", description = "Do not wait for the sessions.")
  private boolean noWait;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  /** Added to the time that nodes have to drain. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** A node or an upstream. */
  static final class What {
    @Parameters(paramLabel = "NODE", description = "A node.")
    private @Nullable String node;

    @Option(names = "--upstream", paramLabel = "URL", description = "An upstream, on all nodes.")
    private @Nullable String upstream;

    String name() {
      return node != null ? node : UpstreamName.of(String.valueOf(upstream));
    }

    Map<String, String> query() {
      return Map.of(node != null ? "node" : "upstream", name());
    }

    private int leftAtUpstream(Remote nodes) throws IOException {
      JsonNode answer = nodes.get("/upstreams", Map.of());
      return Remote.rows(answer, "upstreams", UpstreamView[].class).stream()
          .filter(each -> each.name().equals(name()))
          .mapToInt(UpstreamView::sessions)
          .sum();
    }

    /** Returns the number of remaining sessions; -1 if draining has not started. */
    int left(Remote nodes) throws IOException {
      if (node == null) {
        return leftAtUpstream(nodes);
      }
      for (NodeView each : Remote.rows(nodes.get("/nodes", Map.of()), "nodes", NodeView[].class)) {
        if (each.id().equals(node)) {
          return each.draining() ? each.sessions() : -1;
        }
      }
      return 0;
    }
  }

  DrainCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = options.settings(environment);
    try (Remote nodes = options.connect(settings)) {
      JsonNode told = nodes.post("/drain", what.query());
      options.warnOfSilence(told);
      if (noWait) {
        say(what.name() + " is being drained", what.left(nodes));
        return ExitCode.OK;
      }
      int left = await(nodes, Deadline.in(settings.get(ProcessKeys.DRAIN_TIMEOUT).plus(GRACE)));
      say(left == 0 ? what.name() + " is empty" : notEmpty(left), left);
      return left == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private String notEmpty(int left) {
    return left < 0
        ? what.name() + " has not started to drain"
        : left + " sessions are left on " + what.name();
  }

  private int await(Remote nodes, Deadline deadline) throws IOException, InterruptedException {
    int left = what.left(nodes);
    int said = -1;
    while (left != 0 && !deadline.isOver()) {
      if (left > 0 && left != said && !options.isForPrograms()) {
        options.out().println(left + " sessions are left on " + what.name());
        options.out().flush();
        said = left;
      }
      deadline.pause(LOOK_AGAIN);
      left = what.left(nodes);
    }
    return left;
  }

  private void say(String sentence, int left) {
    if (options.isForPrograms()) {
      options.print(
          new JsonMapper().createObjectNode().put("drained", what.name()).put("left", left));
    } else {
      options.out().println(sentence);
      options.out().flush();
    }
  }
}

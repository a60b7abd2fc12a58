package dev.holdfast.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.Fleet.Answers;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Registry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The operations for operators on all nodes, described in {@code docs/openapi.yaml}. The same over
 * HTTP, where one node answers for all, and in a process that only observes the nodes. Thread-safe.
 */
public final class Api {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int OK = 200;
  private static final int ACCEPTED = 202;
  private static final int BAD = 400;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int CONFLICT = 409;
  private static final int LIMIT = 1000;

  /** A request, such as {@code GET /sessions?user=u}, without the prefix of the API. */
  public record Call(String method, String path, Map<String, String> query) {
    Optional<String> value(String name) {
      return Optional.ofNullable(query.get(name)).filter(text -> !text.isEmpty());
    }
  }

  /** A response with its HTTP status; its body is {@code {"error":"…"}} if that is 400 or more. */
  public record Reply(int status, JsonNode body) {
    static Reply error(int status, String sentence) {
      return of(status, Map.of("error", sentence));
    }

    static Reply of(int status, Map<String, ?> fields) {
      return new Reply(status, JSON.valueToTree(new TreeMap<>(fields)));
    }
  }

  /** The method and handler of one path. */
  private record Route(String method, Function<Call, CompletionStage<Reply>> answer) {}

  private final Fleet fleet;
  private final Map<String, Route> routes;

  /**
   * Creates an API that answers from the registry.
   *
   * @param here the node in this process; empty if the process is not a node
   */
  public Api(Registry registry, Optional<ThisNode> here) {
    this.fleet = new Fleet(registry, here);
    this.routes =
        Map.of(
            "/nodes", new Route("GET", now(call -> nodes())),
            "/sessions", new Route("GET", now(this::sessions)),
            "/upstreams", new Route("GET", call -> upstreams()),
            "/why", new Route("GET", this::why),
            "/kick", new Route("POST", now(this::kick)),
            "/drain", new Route("POST", this::drain),
            "/undrain", new Route("POST", this::undrain));
  }

  private static Function<Call, CompletionStage<Reply>> now(Function<Call, Reply> answer) {
    return call -> CompletableFuture.completedStage(answer.apply(call));
  }

  private static CompletionStage<Reply> error(int status, String sentence) {
    return CompletableFuture.completedStage(Reply.error(status, sentence));
  }

  /** Returns each path with its method. */
  public Map<String, String> methods() {
    Map<String, String> methods = new TreeMap<>();
    routes.forEach((path, route) -> methods.put(path, route.method()));
    return methods;
  }

  /** Answers a call, within seconds. */
  public CompletionStage<Reply> answer(Call call) {
    Route route = routes.get(call.path());
    if (route == null) {
      return error(NOT_FOUND, "no such page");
    }
    return route.method().equals(call.method())
        ? route.answer().apply(call)
        : error(NOT_ALLOWED, "only " + route.method());
  }

  private Reply nodes() {
    return Reply.of(OK, Map.of("nodes", fleet.nodes()));
  }

  private Reply sessions(Call call) {
    int limit;
    try {
      limit = call.value("limit").map(Integer::parseUnsignedInt).orElse(LIMIT);
    } catch (NumberFormatException e) {
      return Reply.error(BAD, "limit must be a number");
    }
    List<SessionView> all = fleet.sessions().stream().filter(wanted(call)).toList();
    List<SessionView> shown = all.subList(0, Math.min(Math.max(limit, 0), all.size()));
    return Reply.of(OK, Map.of("total", all.size(), "sessions", shown));
  }

  private static Predicate<SessionView> wanted(Call call) {
    return is(call, "sid", SessionView::sid)
        .and(is(call, "user", SessionView::user))
        .and(is(call, "node", SessionView::node))
        .and(is(call, "upstream", SessionView::upstream))
        .and(is(call, "state", SessionView::state));
  }

  private static Predicate<SessionView> is(
      Call call, String name, Function<SessionView, String> field) {
    return call.value(name)
        .<Predicate<SessionView>>map(value -> session -> field.apply(session).equals(value))
        .orElse(session -> true);
  }

  private CompletableFuture<Answers<UpstreamView>> askForUpstreams() {
    List<String> nodes = fleet.nodes().stream().map(NodeView::id).toList();
    return fleet.ask(nodes, ThisNode.UPSTREAMS, UpstreamView[].class);
  }

  private CompletionStage<Reply> upstreams() {
    return askForUpstreams()
        .thenApply(all -> Reply.of(OK, Map.of("upstreams", all.rows(), "silent", all.silent())));
  }

  private CompletionStage<Reply> why(Call call) {
    Optional<String> sid = call.value("sid");
    Optional<String> user = call.value("user");
    if (sid.isPresent() == user.isPresent()) {
      return error(BAD, "either sid or user is needed");
    }
    List<String> nodes = nodes(find(call));
    if (nodes.isEmpty()) {
      return error(NOT_FOUND, nobody(call));
    }
    String question =
        sid.map(it -> ThisNode.WHY_SID + it).orElseGet(() -> ThisNode.WHY_USER + user.orElse(""));
    return fleet
        .ask(nodes, question, Explanation[].class)
        .thenApply(all -> Reply.of(OK, Map.of("sessions", all.rows(), "silent", all.silent())));
  }

  private List<SessionView> find(Call call) {
    return fleet.sessions().stream()
        .filter(is(call, "sid", SessionView::sid))
        .filter(is(call, "user", SessionView::user))
        .toList();
  }

  private static List<String> nodes(List<SessionView> sessions) {
    return sessions.stream().map(SessionView::node).distinct().toList();
  }

  private static String nobody(Call call) {
    return call.value("sid")
        .map(sid -> "there is no session " + sid)
        .orElseGet(() -> "user " + call.value("user").orElse("") + " has no session");
  }

  private Reply kick(Call call) {
    Optional<String> sid = call.value("sid");
    Optional<String> user = call.value("user");
    if (sid.isPresent() == user.isPresent()) {
      return Reply.error(BAD, "either sid or user is needed");
    }
    List<SessionView> kicked = find(call);
    if (kicked.isEmpty()) {
      return Reply.error(NOT_FOUND, nobody(call));
    }
    Command command =
        sid.<Command>map(Command.KickSession::new)
            .orElseGet(() -> new Command.KickUser(user.orElse("")));
    nodes(kicked).forEach(node -> fleet.send(node, command));
    return Reply.of(ACCEPTED, Map.of("sessions", kicked));
  }

  private CompletionStage<Reply> drain(Call call) {
    Optional<String> node = call.value("node");
    Optional<String> upstream = call.value("upstream");
    if (node.isPresent() == upstream.isPresent()) {
      return error(BAD, "either node or upstream is needed");
    }
    return upstream
        .map(this::drainUpstream)
        .orElseGet(() -> CompletableFuture.completedStage(drainNode(node.orElse(""))));
  }

  private Reply drainNode(String node) {
    if (fleet.nodes().stream().noneMatch(each -> each.id().equals(node))) {
      return Reply.error(NOT_FOUND, "there is no node " + node);
    }
    fleet.send(node, new Command.Drain());
    return Reply.of(ACCEPTED, Map.of("nodes", List.of(node)));
  }

  private CompletionStage<Reply> drainUpstream(String name) {
    return askForUpstreams()
        .thenApply(
            all -> {
              List<String> nodes = nodesWith(name, all.rows());
              if (nodes.isEmpty()) {
                return Reply.error(NOT_FOUND, "no upstream is called " + name);
              }
              if (nodes.stream().anyMatch(node -> isLast(name, node, all.rows()))) {
                return Reply.error(CONFLICT, "there is no other upstream for its sessions");
              }
              nodes.forEach(node -> fleet.send(node, new Command.DrainUpstream(name)));
              return Reply.of(ACCEPTED, Map.of("nodes", nodes, "silent", all.silent()));
            });
  }

  private static List<String> nodesWith(String name, List<UpstreamView> all) {
    return all.stream().filter(it -> it.name().equals(name)).map(UpstreamView::node).toList();
  }

  private static boolean isLast(String name, String node, List<UpstreamView> all) {
    return all.stream()
        .filter(each -> each.node().equals(node) && !each.name().equals(name))
        .allMatch(UpstreamView::drained);
  }

  private CompletionStage<Reply> undrain(Call call) {
    Optional<String> upstream = call.value("upstream");
    if (upstream.isEmpty()) {
      return error(BAD, "upstream is needed");
    }
    return askForUpstreams()
        .thenApply(
            all -> {
              List<String> nodes = nodesWith(upstream.get(), all.rows());
              if (nodes.isEmpty()) {
                return Reply.error(NOT_FOUND, "no upstream is called " + upstream.get());
              }
              nodes.forEach(node -> fleet.send(node, new Command.UndrainUpstream(upstream.get())));
              return Reply.of(ACCEPTED, Map.of("nodes", nodes, "silent", all.silent()));
            });
  }
}

package dev.holdfast.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.NodeQueries;
import dev.holdfast.cluster.Registry;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.protocol.PeerJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * All nodes: live data of this one, if this process is a node, and registry data of the others.
 * Thread-safe.
 */
final class Fleet {
  private static final JsonMapper JSON = PeerJson.mapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Registry registry;
  private final Optional<ThisNode> here;
  private final NodeQueries questions;

  Fleet(Registry registry, Optional<ThisNode> here) {
    this.registry = registry;
    this.here = here;
    this.questions = new NodeQueries(registry.self(), registry.commands(), TIMEOUT);
  }

  /**
   * The answers of nodes.
   *
   * @param silent nodes that did not answer in time
   */
  record Answers<T>(List<T> rows, List<String> silent) {}

  /** Returns the nodes, ordered by name. */
  List<NodeView> nodes() {
    Map<NodeId, Collection<SessionRecord>> sessions = registry.sessions();
    Map<String, NodeView> nodes = new TreeMap<>();
    // A node that started without Redis is not registered.
    here.ifPresent(
        node -> nodes.put(node.id().value(), view(node.id(), Optional.empty(), sessions)));
    for (Member each : registry.nodes()) {
      nodes.put(each.id().value(), view(each.id(), Optional.of(each), sessions));
    }
    return List.copyOf(nodes.values());
  }

  private static NodeView view(
      NodeId id, Optional<Member> member, Map<NodeId, Collection<SessionRecord>> sessions) {
    Collection<SessionRecord> all = sessions.getOrDefault(id, List.of());
    long parked = all.stream().filter(it -> it.state() == SessionRecord.State.PARKED).count();
    return new NodeView(
        id.value(),
        member.map(it -> it.address().getHostString() + ":" + it.address().getPort()).orElse(""),
        member.map(Member::version).orElse(""),
        member.map(Member::draining).orElse(false),
        all.size(),
        Math.toIntExact(parked));
  }

  /** Returns the sessions, oldest first. */
  List<SessionView> sessions() {
    List<SessionView> all = new ArrayList<>();
    registry
        .sessions()
        .forEach((node, records) -> records.forEach(it -> all.add(SessionView.of(node, it))));
    all.sort(Comparator.comparingLong(SessionView::since).thenComparing(SessionView::sid));
    return all;
  }

  /** Asks these nodes in parallel; each answers with a list of this type. */
  <T> CompletableFuture<Answers<T>> ask(
      Collection<String> nodes, String question, Class<T[]> kind) {
    Map<String, CompletableFuture<Optional<String>>> asked = new LinkedHashMap<>();
    nodes.forEach(node -> asked.put(node, ask(new NodeId(node), question).toCompletableFuture()));
    return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
        .thenApply(done -> answers(asked, kind));
  }

  private CompletionStage<Optional<String>> ask(NodeId node, String question) {
    return ifHere(node)
        .map(self -> self.answer(question).thenApply(Optional::of))
        .orElseGet(() -> questions.ask(node, question));
  }

  private static <T> Answers<T> answers(
      Map<String, CompletableFuture<Optional<String>>> asked, Class<T[]> kind) {
    List<T> rows = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    asked.forEach(
        (node, answer) ->
            answer
                .join()
                .flatMap(text -> rows(text, kind))
                .ifPresentOrElse(rows::addAll, () -> silent.add(node)));
    return new Answers<>(rows, silent);
  }

  static <T> Optional<List<T>> rows(String text, Class<T[]> kind) {
    try {
      T[] rows = JSON.readValue(text, kind);
      // A node of another version may answer a different question.
      return rows == null || Arrays.asList(rows).contains(null)
          ? Optional.empty()
          : Optional.of(List.of(rows));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Sends a command to a node without waiting for its effect. */
  void send(String node, Command command) {
    NodeId id = new NodeId(node);
    ifHere(id)
        .ifPresentOrElse(self -> self.take(command), () -> registry.commands().send(id, command));
  }

  private Optional<ThisNode> ifHere(NodeId node) {
    return here.filter(self -> self.id().equals(node));
  }
}

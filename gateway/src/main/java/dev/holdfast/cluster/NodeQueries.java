package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Queries other nodes, with a timeout for their answers. Thread-safe. */
public final class NodeQueries {
  private final NodeId self;
  private final Commands commands;
  private final Duration timeouts;
  private final AtomicLong number = new AtomicLong();
  private final Map<String, CompletableFuture<Optional<String>>> open = new ConcurrentHashMap<>();

  /** Sends queries in the name of this node. */
  public NodeQueries(NodeId self, Commands commands, Duration timeouts) {
    this.self = self;
    this.commands = commands;
    this.timeouts = timeouts;
    commands.onCommand(this::received);
  }

  private void received(Command command) {
    if (command instanceof Command.Answer answer) {
      CompletableFuture<Optional<String>> waiting = open.remove(answer.id());
      if (waiting != null) {
        waiting.complete(Optional.of(answer.text()));
      }
    }
  }

  /** Queries a node; the result is empty if it does not answer in time. */
  public CompletableFuture<Optional<String>> ask(NodeId node, String question) {
    String id = Long.toString(number.incrementAndGet());
    CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    open.put(id, answer);
    commands.send(node, new Command.Ask(self, id, question));
    return answer
        .completeOnTimeout(Optional.empty(), timeouts.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((text, problem) -> open.remove(id));
  }
}

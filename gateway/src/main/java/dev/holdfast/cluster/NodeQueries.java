package dev.holdfast.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Asks other nodes something and waits for their answers, but not for long. Thread-safe. */
public final class NodeQueries {
  private final NodeId self;
  private final Commands commands;
  private final Duration timeouts;
  private final AtomicLong number = new AtomicLong();
  private final Map<String, CompletableFuture<Optional<String>>> open = new ConcurrentHashMap<>();

  /** Asks in the name of this node. */
  public NodeQueries(NodeId self, Commands commands, Duration timeouts) {
    this.self = self;
    this.commands = commands;
    this.timeouts = timeouts;
    commands.onCommand(this::heard);
  }

  private void heard(Command command) {
    if (command instanceof Command.Answer answer) {
      CompletableFuture<Optional<String>> waiting = open.remove(answer.id());
      if (waiting != null) {
        waiting.complete(Optional.of(answer.text()));
      }
    }
  }

  /** What a node answers; empty if it does not in time. */
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

package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Membership;
import dev.holdfast.cluster.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queues commands to other nodes until the writer sends them with its next pipeline. Commands that
 * cannot be sent are logged. Thread-safe.
 */
final class Outgoing {
  private static final Logger LOG = LoggerFactory.getLogger(Outgoing.class);
  private static final int MOST = 1024;

  private final Self self;
  private final SignedMessages messages;
  private final Membership membership;
  private final Wakeup wakeup;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /**
   * The receivers of a command to all nodes are determined when it is sent, since a node that has
   * just started does not know the others yet.
   */
  private record Waiting(Optional<NodeId> to, Command command) {}

  Outgoing(Self self, SignedMessages messages, Membership membership, Wakeup wakeup) {
    this.self = self;
    this.messages = messages;
    this.membership = membership;
    this.wakeup = wakeup;
  }

  void send(NodeId to, Command command) {
    add(new Waiting(Optional.of(to), command));
  }

  void sendAll(Command command) {
    add(new Waiting(Optional.empty(), command));
  }

  private void add(Waiting command) {
    boolean taken;
    synchronized (this) {
      taken = waiting.size() < MOST;
      if (taken) {
        waiting.add(command);
      }
    }
    if (taken) {
      wakeup.now();
    } else {
      notSent(command.command(), "the queue is full");
    }
  }

  private synchronized List<Waiting> take() {
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  /** Returns the queued commands, signed now. */
  List<PendingCommand> due() {
    List<PendingCommand> due = new ArrayList<>();
    for (Waiting each : take()) {
      if (each.to().isPresent()) {
        due.add(publication(each.to().get(), each.command()));
      } else {
        membership.all().forEach(node -> due.add(publication(node.id(), each.command())));
      }
    }
    return due;
  }

  private PendingCommand publication(NodeId to, Command command) {
    // A receiver that is not registered is an observer, such as a command line.
    Incarnation receiver =
        membership.find(to).map(Member::start).orElseGet(() -> new Incarnation(to, ""));
    String message = messages.to(receiver, Messages.command(command)).orElse("");
    return new Publication(
        self.names(),
        self.names().node(to),
        message,
        () -> {},
        () -> notSent(command, "Redis is away"));
  }

  /**
   * Drops the queued commands, because Redis is unavailable and they must not be executed
   * unexpectedly late.
   */
  void refuse() {
    take().forEach(each -> notSent(each.command(), "Redis is away"));
  }

  private static void notSent(Command command, String why) {
    LOG.warn("redis: command {} was not sent to other nodes: {}", Messages.name(command), why);
  }
}

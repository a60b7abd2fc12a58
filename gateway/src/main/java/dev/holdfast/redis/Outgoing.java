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
 * Commands for nodes that wait for the writer, which sends them with its next pipeline, or finds
 * that Redis is away. What is not sent is named in the log. Thread-safe.
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
   * Who is told is known when it is sent: a node that has just started does not know the others.
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
      notSent(command.command(), "too many wait");
    }
  }

  private synchronized List<Waiting> take() {
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  /** Those that wait, signed now. */
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
    // Whoever is not registered has only asked, as a command line does.
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

  /** Redis is away: those that wait are not sent, as they would come as a surprise later. */
  void refuse() {
    take().forEach(each -> notSent(each.command(), "Redis is away"));
  }

  private static void notSent(Command command, String why) {
    LOG.warn("redis: {} was not sent to other nodes: {}", Messages.name(command), why);
  }
}

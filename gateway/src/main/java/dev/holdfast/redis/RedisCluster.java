package dev.holdfast.redis;

import dev.holdfast.cluster.Board;
import dev.holdfast.cluster.Budget;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.Elsewhere;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Moves;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.Roster;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.ErrorBoundary;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The nodes that share a Redis or Valkey. Two threads talk to it, the writer and the subscriber;
 * what anybody else asks is answered from memory, or later. While Redis is away everything stays as
 * it was last seen. Thread-safe.
 */
public final class RedisCluster implements Cluster, Peers, Sessions {
  private final Self self;
  private final ErrorBoundary boundary;
  private final Roster roster;
  private final Board board = new Board();
  private final List<Consumer<Command>> listeners = new CopyOnWriteArrayList<>();
  private final Wakeup wakeup = new Wakeup();
  private final Jobs jobs;
  private final Condition condition;
  private final OwnSessions sessions;
  private final Others others;
  private final Registration registration;
  private final Clients clients;
  private final Subscriber subscriber;
  private final Writer writer;
  private final RedisPorts ports;
  private final Duration lastWord;

  private RedisCluster(Settings settings, NodeId id, RedisMetrics metrics) throws IOException {
    Settings.Redis redis = settings.redis();
    Duration beat = settings.node().beat();
    boundary = boundary(metrics);
    roster = new Roster(boundary);
    jobs = new Jobs(wakeup, boundary);
    self = new Self(id, UUID.randomUUID().toString(), beat, new Names(redis.prefix()));
    lastWord = redis.commandTimeout();
    condition = new Condition(metrics);
    clients = new Clients(redis, beat.multipliedBy(2).plus(redis.commandTimeout()));
    Redirects redirects = new Redirects(wakeup, settings.resume().window());
    sessions = new OwnSessions(self, wakeup, metrics, redirects);
    others = new Others(self, board, wakeup);
    registration = new Registration(self, settings.node().secret(), sessions, roster, others);
    subscriber =
        new Subscriber(
            self,
            clients,
            condition,
            new Subscriber.Heard(this::told, others::unread, this::left, this::look, this::command),
            boundary);
    writer =
        new Writer(
            new Writer.Parts(clients, wakeup, jobs, sessions, others, registration, subscriber),
            condition,
            metrics,
            beat,
            boundary);
    ports = new RedisPorts(self.names(), jobs, redirects, condition);
    roster.onChange(
        new Nodes.Listener() {
          @Override
          public void joined(Member node) {}

          @Override
          public void left(Member node) {
            others.gone(node.id());
          }
        });
  }

  /**
   * Connects, and goes on trying; does not wait for it.
   *
   * @param settings with a {@code redis.url}
   * @throws IOException if a file for TLS cannot be used
   */
  public static RedisCluster start(Settings settings, NodeId id, RedisMetrics metrics)
      throws IOException {
    RedisCluster cluster = new RedisCluster(settings, id, metrics);
    thread("redis-subscriber", cluster.subscriber).start();
    thread("redis-writer", cluster.writer).start();
    return cluster;
  }

  /** Around all that Redis, and the two threads, tell the rest of the node. */
  private ErrorBoundary boundary(RedisMetrics metrics) {
    return ErrorBoundary.lasting(
        "coordination through Redis",
        () -> {
          metrics.failed("internal");
          // A beat compares what is known here with what is there, and has the rest read again.
          look();
        });
  }

  private static Thread thread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Why Redis cannot be used; empty if it can. */
  public Optional<String> problem() {
    return condition.problem();
  }

  private void told(Map<String, String> values, List<String> changes) {
    others.told(
        new NodeId(values.getOrDefault("node", "")),
        values.getOrDefault("incarnation", ""),
        Replies.number(values.get("rev")),
        changes);
  }

  private void left(Map<String, String> values) {
    NodeId node = new NodeId(values.getOrDefault("node", ""));
    roster
        .find(node)
        .filter(member -> member.incarnation().equals(values.get("incarnation")))
        .ifPresent(
            member -> {
              registration.gone(node);
              look();
            });
  }

  private void look() {
    writer.beatNow();
  }

  private void command(Command command) {
    listeners.forEach(listener -> boundary.run(() -> listener.accept(command)));
  }

  @Override
  public Peers peers() {
    return this;
  }

  @Override
  public Nodes nodes() {
    return roster;
  }

  @Override
  public Sessions sessions() {
    return this;
  }

  @Override
  public Moves moves() {
    return ports;
  }

  @Override
  public Budget budget() {
    return ports;
  }

  @Override
  public Commands commands() {
    return new Commands() {
      @Override
      public void send(NodeId to, Command command) {
        ports.publish(self.names().node(to), Messages.command(command));
      }

      @Override
      public void sendAll(Command command) {
        ports.publish(self.names().nodes(), Messages.command(command));
      }

      @Override
      public void onCommand(Consumer<Command> listener) {
        listeners.add(listener);
      }
    };
  }

  @Override
  public void join(InetSocketAddress address) {
    registration.join(address);
    look();
  }

  @Override
  public void draining() {
    registration.drain();
    look();
  }

  @Override
  public void close() {
    writer.close(lastWord);
    subscriber.close();
    clients.close();
  }

  @Override
  public NodeId self() {
    return self.id();
  }

  @Override
  public Optional<InetSocketAddress> find(NodeId node) {
    return node.equals(self.id()) ? Optional.empty() : roster.find(node).map(Member::address);
  }

  @Override
  public Optional<byte[]> key() {
    return registration.key();
  }

  @Override
  public Entry open() {
    return sessions.open();
  }

  @Override
  public Map<NodeId, Collection<SessionRecord>> all() {
    Map<NodeId, Collection<SessionRecord>> all = board.all();
    all.put(self.id(), sessions.all());
    return all;
  }

  @Override
  public Elsewhere elsewhere() {
    return board;
  }
}

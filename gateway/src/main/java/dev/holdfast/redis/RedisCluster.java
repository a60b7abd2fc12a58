package dev.holdfast.redis;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.HandoffLocations;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Membership;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.RemoteSessionCounts;
import dev.holdfast.cluster.RemoteSessions;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.cluster.SharedRateLimit;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.RedisKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.WallClock;
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
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that share a Redis or Valkey. Only two threads use it, the writer and the subscriber;
 * all other calls are answered from memory or asynchronously. While Redis is unavailable, the last
 * known state stays. Thread-safe.
 */
public final class RedisCluster implements Cluster, Peers, Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(RedisCluster.class);

  private final Self self;
  private final Signatures signatures;
  private final ErrorBoundary boundary;
  private final Membership membership;
  private final RemoteSessionCounts remoteCounts = new RemoteSessionCounts();
  private final List<Consumer<Command>> listeners = new CopyOnWriteArrayList<>();
  private final Wakeup wakeup = new Wakeup();
  private final CommandQueue jobs;
  private final Outgoing outgoing;
  private final RevocationRecords revoked;
  private final RedisStatus status;
  private final LocalSessions sessions;
  private final RemoteSessionReader others;
  private final Registration registration;
  private final RedisClientFactory clients;
  private final Subscriber subscriber;
  private final Writer writer;
  private final RedisPorts ports;
  private final Duration commandTimeout;

  private RedisCluster(Settings settings, NodeId id, RedisMetrics metrics, LongSupplier millis)
      throws IOException {
    commandTimeout = settings.get(RedisKeys.COMMAND_TIMEOUT);
    Duration beat = settings.get(NodeKeys.BEAT);
    boundary = boundary(metrics);
    membership = new Membership(boundary);
    jobs = new CommandQueue(wakeup, boundary);
    self = self(id, settings, millis.getAsLong());
    signatures =
        Signatures.of(self.start(), settings.get(NodeKeys.SECRET), metrics::refused, millis);
    status = new RedisStatus(metrics);
    clients = new RedisClientFactory(settings, beat.multipliedBy(2).plus(commandTimeout));
    HandoffRecords redirects =
        new HandoffRecords(
            self.names(), signatures.handoffs(), wakeup, settings.get(ResumeKeys.WINDOW));
    outgoing = new Outgoing(self, signatures.messages(), membership, wakeup);
    Duration kept = settings.get(RedisKeys.REVOCATION_WINDOW);
    revoked = new RevocationRecords(self, signatures, wakeup, kept, millis, this::command);
    sessions = new LocalSessions(self, wakeup, metrics, redirects, revoked, signatures);
    others = new RemoteSessionReader(self, remoteCounts, wakeup, signatures.sessions());
    registration =
        new Registration(self, signatures, new Clocks(metrics), sessions, membership, others);
    subscriber =
        new Subscriber(
            new Subscriber.Connecting(clients, status),
            self,
            signatures.messages(),
            handlers(),
            commandTimeout,
            boundary);
    writer =
        new Writer(
            new Writer.Parts(
                clients, wakeup, jobs, outgoing, sessions, others, registration, subscriber),
            status,
            metrics,
            beat,
            boundary);
    ports = new RedisPorts(self.names(), jobs, redirects, signatures.handoffs(), status);
    membership.onChange(forgetting(others));
  }

  private static Self self(NodeId id, Settings settings, long started) {
    KeyNames names = new KeyNames(settings.get(RedisKeys.PREFIX));
    return new Self(id, UUID.randomUUID().toString(), started, settings.get(NodeKeys.BEAT), names);
  }

  private Subscriber.Handlers handlers() {
    return new Subscriber.Handlers(
        this::sessionsChanged,
        others::scheduleRead,
        this::left,
        this::beatNow,
        this::command,
        revoked::received,
        this::subscribed);
  }

  /** Reads what may have been missed. */
  private void subscribed() {
    revoked.scheduleRead();
    beatNow();
  }

  private static Nodes.Listener forgetting(RemoteSessionReader others) {
    return new Nodes.Listener() {
      @Override
      public void joined(Member node) {}

      @Override
      public void left(Member node) {
        others.forget(node.id());
      }
    };
  }

  /**
   * Starts to connect, and keeps trying; does not wait for a connection.
   *
   * @param settings with a {@code redis.url}
   * @throws IOException if a TLS file cannot be used
   */
  public static RedisCluster start(Settings settings, NodeId id, RedisMetrics metrics)
      throws IOException {
    return start(settings, id, metrics, WallClock::millis);
  }

  /** Starts with a clock of its own. */
  static RedisCluster start(Settings settings, NodeId id, RedisMetrics metrics, LongSupplier millis)
      throws IOException {
    if (SigningKeys.trustRedis(settings)) {
      LOG.warn("{}", SigningKeys.ADVICE);
    }
    RedisCluster cluster = new RedisCluster(settings, id, metrics, millis);
    thread("redis-subscriber", cluster.subscriber).start();
    thread("redis-writer", cluster.writer).start();
    return cluster;
  }

  /** Wraps all callbacks from Redis and the two threads into the rest of the node. */
  private ErrorBoundary boundary(RedisMetrics metrics) {
    return ErrorBoundary.lasting(
        "coordination through Redis",
        () -> {
          metrics.failed("internal");
          // A beat compares the local state with that in Redis and rereads the differences.
          beatNow();
        });
  }

  private static Thread thread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Returns why Redis is unavailable; empty if it is available. */
  public Optional<String> problem() {
    return status.problem();
  }

  private void sessionsChanged(Map<String, String> values, List<String> changes) {
    others.apply(
        new NodeId(values.getOrDefault("node", "")),
        values.getOrDefault("incarnation", ""),
        Replies.number(values.get("rev")),
        changes);
  }

  private void left(Map<String, String> values) {
    NodeId node = new NodeId(values.getOrDefault("node", ""));
    membership
        .find(node)
        .filter(member -> member.incarnation().equals(values.get("incarnation")))
        .ifPresent(
            member -> {
              registration.left(member.start());
              beatNow();
            });
  }

  private void beatNow() {
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
    return membership;
  }

  @Override
  public Sessions sessions() {
    return this;
  }

  @Override
  public HandoffLocations handoffLocations() {
    return ports;
  }

  @Override
  public SharedRateLimit rateLimit() {
    return ports;
  }

  @Override
  public Commands commands() {
    return new Commands() {
      @Override
      public void send(NodeId to, Command command) {
        outgoing.send(to, command);
      }

      @Override
      public void sendAll(Command command) {
        if (RevocationRecords.isRevocation(command)) {
          revoked.put(command);
          command(command);
        } else {
          outgoing.sendAll(command);
        }
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
    beatNow();
  }

  @Override
  public void draining() {
    registration.drain();
    beatNow();
  }

  @Override
  public void close() {
    writer.close(commandTimeout);
    subscriber.close();
    clients.close();
  }

  @Override
  public NodeId self() {
    return self.id();
  }

  @Override
  public Incarnation incarnation() {
    return self.start();
  }

  @Override
  public Optional<Member> find(NodeId node) {
    return node.equals(self.id()) ? Optional.empty() : membership.find(node);
  }

  @Override
  public Optional<Keyring> keys() {
    return signatures.secrets().keys();
  }

  @Override
  public Entry open() {
    return sessions.open();
  }

  @Override
  public Map<NodeId, Collection<SessionRecord>> all() {
    Map<NodeId, Collection<SessionRecord>> all = remoteCounts.all();
    all.put(self.id(), sessions.all());
    return all;
  }

  @Override
  public RemoteSessions remoteSessions() {
    return remoteCounts;
  }
}

package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Registry;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.RedisKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.WallClock;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Reads the state that nodes keep in Redis and sends them commands, without being a node itself.
 * All calls block, and throw an {@link UncheckedIOException} if Redis is unavailable. Thread-safe.
 */
public final class Observer implements Registry, Commands, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Observer.class);
  private static final Duration SILENCE = Duration.ofHours(1);

  private final ErrorBoundary boundary = ErrorBoundary.lasting("hearing answers", () -> {});

  private final NodeId self = NodeId.random();
  private final KeyNames names;
  private final RedisClientFactory clients;
  private final Signatures signatures;
  private final long timeouts;
  private final List<Consumer<Command>> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch subscribed = new CountDownLatch(1);
  private @Nullable Listening listening;

  private Observer(Settings settings) throws IOException {
    this.names = new KeyNames(settings.get(RedisKeys.PREFIX));
    this.clients = new RedisClientFactory(settings, SILENCE);
    this.signatures =
        Signatures.of(
            new Incarnation(self, ""),
            settings.get(NodeKeys.SECRET),
            (kind, reason) -> {},
            WallClock::millis);
    this.timeouts =
        settings
            .get(RedisKeys.CONNECT_TIMEOUT)
            .plus(settings.get(RedisKeys.COMMAND_TIMEOUT))
            .toMillis();
  }

  /**
   * Creates an observer of the nodes that share these settings.
   *
   * @param settings with a {@code redis.url}
   * @throws IOException if a TLS file cannot be used
   */
  public static Observer of(Settings settings) throws IOException {
    return new Observer(settings);
  }

  private <T> T with(Function<UnifiedJedis, T> question) {
    try {
      return question.apply(clients.client());
    } catch (JedisException e) {
      RedisFailure failure = RedisFailure.of(e);
      throw new UncheckedIOException(
          new IOException(
              "no answer from "
                  + clients.address()
                  + ": "
                  + failure.kind().label()
                  + ", "
                  + failure.sentence(),
              e));
    }
  }

  @Override
  public NodeId self() {
    return self;
  }

  @Override
  public List<Member> nodes() {
    return with(
        redis -> {
          List<Member> members = new ArrayList<>();
          for (NodeId id : ids(redis)) {
            member(redis, id).ifPresent(members::add);
          }
          members.sort(Comparator.comparing(member -> member.id().value()));
          return members;
        });
  }

  /** Skips invalid names, which anyone with access to Redis may have written. */
  private List<NodeId> ids(UnifiedJedis redis) {
    return redis.smembers(names.nodes()).stream()
        .flatMap(name -> NodeId.named(name).stream())
        .toList();
  }

  private Optional<Member> member(UnifiedJedis redis, NodeId id) {
    learnKey(redis);
    return Optional.ofNullable(redis.hget(names.node(id), Records.REGISTRATION))
        .flatMap(text -> signatures.registrations().read(id.value(), text))
        .filter(signatures.registrations()::isCurrent)
        .map(RegistrationRecord::member);
  }

  private void learnKey(UnifiedJedis redis) {
    if (signatures.secrets().useKept()) {
      Optional.ofNullable(redis.get(names.key())).ifPresent(signatures.secrets()::kept);
    }
  }

  @Override
  public Map<NodeId, Collection<SessionRecord>> sessions() {
    return with(
        redis -> {
          Map<NodeId, Collection<SessionRecord>> all = new HashMap<>();
          for (NodeId node : ids(redis)) {
            Map<String, String> fields = redis.hgetAll(names.sessions(node));
            all.put(node, sessions(redis, node, fields));
          }
          return all;
        });
  }

  private List<SessionRecord> sessions(
      UnifiedJedis redis, NodeId node, Map<String, String> fields) {
    return member(redis, node)
        .map(it -> List.copyOf(signatures.sessions().read(it.start(), fields).values()))
        .orElse(List.of());
  }

  @Override
  public Commands commands() {
    return this;
  }

  @Override
  public void send(NodeId to, Command command) {
    if (command instanceof Command.Ask) {
      listen();
    }
    with(redis -> member(redis, to)).ifPresent(node -> publish(node, command));
  }

  @Override
  public void sendAll(Command command) {
    nodes().forEach(node -> publish(node, command));
  }

  private void publish(Member node, Command command) {
    signatures
        .messages()
        .to(node.start(), Messages.command(command))
        .ifPresent(
            message -> {
              List<String> arguments = List.of(names.node(node.id()), message);
              Object unused =
                  with(redis -> redis.eval(Scripts.PUBLISH, List.of(names.nodes()), arguments));
            });
  }

  @Override
  public void onCommand(Consumer<Command> listener) {
    listeners.add(listener);
  }

  /** Subscribes to answers. */
  private synchronized void listen() {
    if (listening != null) {
      return;
    }
    Listening begun = new Listening();
    listening = begun;
    Thread thread =
        new Thread(
            () -> {
              try {
                clients.client().subscribe(begun, names.node(self));
              } catch (JedisException e) {
                LOG.debug("subscription for answers failed: {}", e.getMessage());
              } finally {
                // Queries time out without an answer; the next one reports the error.
                subscribed.countDown();
              }
            },
            "redis-observer");
    thread.setDaemon(true);
    thread.start();
    try {
      boolean unused = subscribed.await(timeouts, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    try {
      if (listening != null && listening.isSubscribed()) {
        listening.unsubscribe();
      }
    } catch (JedisException e) {
      // It has already ended.
      listening = null;
    }
    clients.close();
  }

  private final class Listening extends JedisPubSub {
    @Override
    public void onSubscribe(String channel, int count) {
      subscribed.countDown();
    }

    @Override
    public void onMessage(String channel, String message) {
      try {
        signatures
            .messages()
            .read(message, channel)
            .flatMap(Messages::commandOf)
            .ifPresent(this::tell);
      } catch (IllegalArgumentException e) {
        LOG.debug("ignoring a malformed message: {}", e.getMessage());
      }
    }

    private void tell(Command command) {
      listeners.forEach(each -> boundary.run(() -> each.accept(command)));
    }
  }
}

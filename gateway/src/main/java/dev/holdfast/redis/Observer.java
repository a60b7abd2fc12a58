package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Registry;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.config.Settings;
import dev.holdfast.time.ErrorBoundary;
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
 * Reads what the nodes keep in Redis and talks to them, without being one of them. Every call
 * blocks, and throws an {@link UncheckedIOException} if Redis cannot be used. Thread-safe.
 */
public final class Observer implements Registry, Commands, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Observer.class);
  private static final Duration SILENCE = Duration.ofHours(1);

  private final ErrorBoundary boundary = ErrorBoundary.lasting("hearing answers", () -> {});

  private final NodeId self = NodeId.random();
  private final Names names;
  private final Clients clients;
  private final long patience;
  private final List<Consumer<Command>> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch hears = new CountDownLatch(1);
  private @Nullable Listening listening;

  private Observer(Settings settings) throws IOException {
    Settings.Redis redis = settings.redis();
    this.names = new Names(redis.prefix());
    this.clients = new Clients(redis, SILENCE);
    this.patience = redis.connectTimeout().plus(redis.commandTimeout()).toMillis();
  }

  /**
   * Observes the nodes of these settings.
   *
   * @param settings with a {@code redis.url}
   * @throws IOException if a file for TLS cannot be used
   */
  public static Observer of(Settings settings) throws IOException {
    return new Observer(settings);
  }

  private <T> T with(Function<UnifiedJedis, T> question) {
    try {
      return question.apply(clients.client());
    } catch (JedisException e) {
      Trouble trouble = Trouble.of(e);
      throw new UncheckedIOException(
          new IOException(
              "no answer from "
                  + clients.address()
                  + ": "
                  + trouble.kind().label()
                  + ", "
                  + trouble.sentence(),
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
          for (String id : redis.smembers(names.nodes())) {
            NodeId node = new NodeId(id);
            Records.node(id, redis.hgetAll(names.node(node))).ifPresent(members::add);
          }
          members.sort(Comparator.comparing(member -> member.id().value()));
          return members;
        });
  }

  @Override
  public Map<NodeId, Collection<SessionRecord>> sessions() {
    return with(
        redis -> {
          Map<NodeId, Collection<SessionRecord>> all = new HashMap<>();
          for (String id : redis.smembers(names.nodes())) {
            NodeId node = new NodeId(id);
            Map<String, String> fields = redis.hgetAll(names.sessions(node));
            all.put(node, List.copyOf(Records.sessions(fields).values()));
          }
          return all;
        });
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
    publish(names.node(to), command);
  }

  @Override
  public void sendAll(Command command) {
    publish(names.nodes(), command);
  }

  private void publish(String channel, Command command) {
    List<String> arguments = List.of(channel, Messages.command(command));
    Object unused = with(redis -> redis.eval(Scripts.PUBLISH, List.of(names.nodes()), arguments));
  }

  @Override
  public void onCommand(Consumer<Command> listener) {
    listeners.add(listener);
  }

  /** Answers are heard from now on. */
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
                LOG.debug("no answers are heard: {}", e.getMessage());
              } finally {
                // Who waits for an answer gets none, and the next question says why.
                hears.countDown();
              }
            },
            "redis-observer");
    thread.setDaemon(true);
    thread.start();
    try {
      boolean unused = hears.await(patience, TimeUnit.MILLISECONDS);
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
      // It has ended by itself.
      listening = null;
    }
    clients.close();
  }

  private final class Listening extends JedisPubSub {
    @Override
    public void onSubscribe(String channel, int count) {
      hears.countDown();
    }

    @Override
    public void onMessage(String channel, String message) {
      try {
        Messages.commandOf(message).ifPresent(this::tell);
      } catch (IllegalArgumentException e) {
        LOG.debug("no node has said that: {}", e.getMessage());
      }
    }

    private void tell(Command command) {
      listeners.forEach(each -> boundary.run(() -> each.accept(command)));
    }
  }
}

package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Receives what other nodes publish, on its own connection and thread. Each beat publishes a
 * message that must come back through the subscription, and sends a PING through it. After any loss
 * it subscribes again and what was missed is read.
 */
final class Subscriber implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int CHANNELS = 2;

  private final Self self;
  private final RedisClientFactory clients;
  private final RedisStatus status;
  private final SignedMessages messages;
  private final Handlers handlers;
  private final ErrorBoundary boundary;
  private final Duration timeouts;
  private final AtomicLong subscriptions = new AtomicLong();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Subscription current;

  /** The client to connect with, and the status to report to. */
  record Connecting(RedisClientFactory clients, RedisStatus status) {}

  /**
   * Callbacks for verified messages, called on the subscriber's thread.
   *
   * @param changes receives changes to the sessions of a node: the values of the first line, then
   *     the other lines
   * @param membership called when nodes have joined or changed
   * @param revoked receives id and signed text of a revocation
   * @param subscribed called when messages may have been missed
   */
  record Handlers(
      BiConsumer<Map<String, String>, List<String>> changes,
      Consumer<NodeId> reread,
      Consumer<Map<String, String>> left,
      Runnable membership,
      Consumer<Command> command,
      BiConsumer<String, String> revoked,
      Runnable subscribed) {}

  /**
   * @param timeouts how long a published message may take to arrive
   */
  Subscriber(
      Connecting connecting,
      Self self,
      SignedMessages messages,
      Handlers handlers,
      Duration timeouts,
      ErrorBoundary boundary) {
    this.timeouts = timeouts;
    this.messages = messages;
    this.boundary = boundary;
    this.self = self;
    this.clients = connecting.clients();
    this.status = connecting.status();
    this.handlers = handlers;
  }

  /**
   * Returns the message to publish now and receive back; empty while there is no subscription or no
   * key.
   */
  Optional<PendingCommand> beat() {
    return Optional.ofNullable(current).filter(it -> it.complete).flatMap(Subscription::beat);
  }

  /** Checks that the subscription is alive and at the server that this node writes to. */
  void check() {
    Subscription subscription = current;
    if (subscription != null && subscription.complete) {
      try {
        if (subscription.beats.overdue(SteadyClock.nanoTime())) {
          status.subscriberFailed(RedisFailure.staleSubscription());
          clients.refresh();
          // Its thread subscribes again, at the server that this node writes to now.
          subscription.unsubscribe();
        } else {
          subscription.ping();
        }
      } catch (JedisException e) {
        // The reading thread fails with the same error.
        LOG.debug("the subscription's ping failed: {}", e.getMessage());
      }
    }
  }

  void close() {
    closing.countDown();
    Subscription subscription = current;
    if (subscription != null && subscription.complete) {
      try {
        subscription.unsubscribe();
      } catch (JedisException e) {
        LOG.debug("the subscription had ended already: {}", e.getMessage());
      }
    }
  }

  @Override
  public void run() {
    try {
      while (closing.getCount() > 0) {
        listen();
        boolean unused = closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    // This thread must go on: it subscribes again, and what was missed is read.
    Optional<RedisFailure> failure =
        boundary.call(this::attempt, error -> Optional.of(RedisFailure.internal(error)));
    current = null;
    failure.ifPresent(it -> boundary.run(() -> status.subscriberFailed(it)));
  }

  /** Listens until it is closed or fails. */
  private Optional<RedisFailure> attempt() {
    try {
      Subscription subscription = new Subscription();
      current = subscription;
      KeyNames names = self.names();
      clients.client().subscribe(subscription, names.nodes(), names.node(self.id()));
      return Optional.empty();
    } catch (JedisException e) {
      return closing.getCount() > 0 ? Optional.of(RedisFailure.of(e)) : Optional.empty();
    }
  }

  private void dispatch(String message) {
    List<String> lines = message.lines().toList();
    String first = lines.isEmpty() ? "" : lines.get(0);
    int end = first.indexOf(' ');
    if (end < 0) {
      return;
    }
    try {
      Map<String, String> values = QueryString.decode(first.substring(end + 1));
      switch (first.substring(0, end)) {
        case Messages.SESSIONS -> handlers.changes().accept(values, lines.subList(1, lines.size()));
        case Messages.REREAD -> node(values, handlers.reread());
        case Messages.JOINED -> handlers.membership().run();
        case Messages.LEFT -> handlers.left().accept(values);
        case Messages.BEAT -> ownBeat(values);
        case Messages.REVOKED ->
            handlers
                .revoked()
                .accept(values.getOrDefault("id", ""), values.getOrDefault("text", ""));
        case Messages.COMMAND -> Messages.command(values).ifPresent(handlers.command());
        default -> LOG.debug("ignoring the unknown message type {}", first.substring(0, end));
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("ignoring a malformed message: {}", e.getMessage());
    }
  }

  private void ownBeat(Map<String, String> values) {
    Subscription subscription = current;
    if (subscription != null && subscription.number == Replies.number(values.get("subscription"))) {
      subscription.beats.received(Replies.number(values.get("number")));
      status.subscriberWorks();
    }
  }

  private static void node(Map<String, String> values, Consumer<NodeId> then) {
    then.accept(new NodeId(values.getOrDefault("node", "")));
  }

  private final class Subscription extends JedisPubSub {
    private final long number = subscriptions.incrementAndGet();
    private final OwnBeats beats = new OwnBeats(timeouts);
    private volatile boolean complete;
    private boolean answered;

    Optional<PendingCommand> beat() {
      long next = beats.next();
      KeyNames names = self.names();
      return messages
          .to(self.start(), Messages.beat(number, next))
          .map(
              message ->
                  new Publication(
                      names,
                      names.node(self.id()),
                      message,
                      () -> beats.published(next, SteadyClock.nanoTime()),
                      () -> {}));
    }

    @Override
    public void onSubscribe(String channel, int count) {
      if (count == CHANNELS) {
        // Only one thread may write: from here on it is the writer.
        ping();
        complete = true;
      }
    }

    @Override
    public void onPong(String pattern) {
      if (!answered) {
        answered = true;
        // A beat follows at once, which must come back.
        boundary.run(handlers.subscribed());
      }
    }

    @Override
    public void onMessage(String channel, String message) {
      boundary.run(() -> messages.read(message, channel).ifPresent(Subscriber.this::dispatch));
    }
  }
}

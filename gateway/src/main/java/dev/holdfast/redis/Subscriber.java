package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.time.ErrorBoundary;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Hears what other nodes publish, on a connection and a thread of its own. A PING goes through it
 * at each beat, and it is opened again after any loss; what was missed meanwhile is read.
 */
final class Subscriber implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int CHANNELS = 2;

  private final Self self;
  private final Clients clients;
  private final Condition condition;
  private final Heard heard;
  private final ErrorBoundary boundary;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Subscription current;

  /**
   * What comes of messages; called on the subscriber's thread.
   *
   * @param changes of the sessions of a node: the first line, then one for each
   * @param membership others have come, gone or changed, or messages may have been missed
   */
  record Heard(
      BiConsumer<Map<String, String>, List<String>> changes,
      Consumer<NodeId> reread,
      Consumer<Map<String, String>> left,
      Runnable membership,
      Consumer<Command> command) {}

  Subscriber(Self self, Clients clients, Condition condition, Heard heard, ErrorBoundary boundary) {
    this.boundary = boundary;
    this.self = self;
    this.clients = clients;
    this.condition = condition;
    this.heard = heard;
  }

  /** Asks whether the subscription is alive; the answer comes, or the wait for it ends. */
  void ping() {
    Subscription subscription = current;
    if (subscription != null && subscription.complete) {
      try {
        subscription.ping();
      } catch (JedisException e) {
        // The thread that reads from it will see the same.
        LOG.debug("no ping through the subscription: {}", e.getMessage());
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
    try {
      Subscription subscription = new Subscription();
      current = subscription;
      Names names = self.names();
      clients.client().subscribe(subscription, names.nodes(), names.node(self.id()));
    } catch (JedisException e) {
      if (closing.getCount() > 0) {
        condition.doesNotHear(Trouble.of(e));
      }
      // This thread has to go on: it subscribes again, and what was missed is read.
    } catch (RuntimeException | Error e) {
      boundary.failed(e);
      condition.doesNotHear(new Trouble(Trouble.Kind.ERROR, e.toString()));
    } finally {
      current = null;
    }
  }

  private void take(String message) {
    List<String> lines = message.lines().toList();
    String first = lines.isEmpty() ? "" : lines.get(0);
    int end = first.indexOf(' ');
    if (end < 0) {
      return;
    }
    try {
      Map<String, String> values = Form.decode(first.substring(end + 1));
      switch (first.substring(0, end)) {
        case Messages.SESSIONS -> heard.changes().accept(values, lines.subList(1, lines.size()));
        case Messages.REREAD -> node(values, heard.reread());
        case Messages.JOINED -> heard.membership().run();
        case Messages.LEFT -> heard.left().accept(values);
        case Messages.COMMAND -> Messages.command(values).ifPresent(heard.command());
        default -> LOG.debug("a node of another version says {}", first.substring(0, end));
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("a message that is none: {}", e.getMessage());
    }
  }

  private static void node(Map<String, String> values, Consumer<NodeId> then) {
    then.accept(new NodeId(values.getOrDefault("node", "")));
  }

  private final class Subscription extends JedisPubSub {
    private volatile boolean complete;
    private boolean answered;

    @Override
    public void onSubscribe(String channel, int count) {
      if (count == CHANNELS) {
        // Only one thread may write: the writer does, from when it is complete.
        ping();
        complete = true;
      }
    }

    @Override
    public void onPong(String pattern) {
      if (!answered) {
        answered = true;
        boundary.run(heard.membership());
      }
      condition.hears();
    }

    @Override
    public void onMessage(String channel, String message) {
      boundary.run(() -> take(message));
    }
  }
}

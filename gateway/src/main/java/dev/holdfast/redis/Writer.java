package dev.holdfast.redis;

import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The one thread that sends commands: beats, changes of sessions, readings and single commands,
 * whatever is due in one pipeline. Nothing else waits for Redis. After a failure everything that
 * this node knows is written again.
 */
final class Writer implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final Parts parts;
  private final RedisStatus status;
  private final RedisMetrics metrics;
  private final ErrorBoundary boundary;
  private final long beatNanos;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean beatNow = true;
  private long lastBeat;
  private boolean works;

  /** What is to be sent, and with what. */
  record Parts(
      RedisClientFactory clients,
      Wakeup wakeup,
      CommandQueue jobs,
      Outgoing outgoing,
      LocalSessions sessions,
      RemoteSessionReader others,
      Registration registration,
      Subscriber subscriber) {}

  Writer(
      Parts parts,
      RedisStatus status,
      RedisMetrics metrics,
      Duration beat,
      ErrorBoundary boundary) {
    this.parts = parts;
    this.boundary = boundary;
    this.status = status;
    this.metrics = metrics;
    this.beatNanos = beat.toNanos();
    this.lastBeat = SteadyClock.nanoTime();
  }

  /** Others should see at once what has changed, or this node what others have. */
  void beatNow() {
    beatNow = true;
    parts.wakeup().now();
  }

  /** Stops after a last word; blocks for no longer than this. */
  void close(Duration most) {
    closing.countDown();
    parts.wakeup().now();
    try {
      boolean unused = closed.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      while (closing.getCount() > 0) {
        parts.wakeup().await(works || !parts.registration().joined() ? untilBeat() : 0);
        turn();
      }
      if (works && parts.registration().joined()) {
        send(new ArrayList<>(List.of(parts.registration().leave())));
      }
    } catch (InterruptedException | JedisException e) {
      // The process ends: what is left in Redis goes with the beats that do not come any more.
      works = false;
    } finally {
      parts.jobs().refuse();
      parts.outgoing().refuse();
      closed.countDown();
    }
  }

  private long untilBeat() {
    return Math.max(0, lastBeat + beatNanos - SteadyClock.nanoTime());
  }

  private void turn() throws InterruptedException {
    List<PendingCommand> due = new ArrayList<>();
    // This thread has to go on: without its beats the node is gone for the others.
    Optional<RedisFailure> failure =
        boundary.call(() -> attempt(due), error -> Optional.of(RedisFailure.internal(error)));
    if (failure.isPresent()) {
      failed(due, failure.get());
    }
  }

  private Optional<RedisFailure> attempt(List<PendingCommand> due) {
    try {
      boolean beats = beatNow || !works || untilBeat() == 0;
      if (beats) {
        beat(due);
      }
      sendAll(due);
      if (beats) {
        parts.subscriber().look();
      }
      return Optional.empty();
    } catch (JedisException e) {
      return Optional.of(RedisFailure.of(e));
    }
  }

  private void sendAll(List<PendingCommand> due) {
    if (!works && !due.isEmpty()) {
      // While Redis fails, only this is tried again and again, and not all that is to be written.
      send(due);
    }
    if (parts.registration().joined() && parts.registration().hasKey()) {
      due.addAll(parts.sessions().due());
      due.addAll(parts.others().due());
      due.addAll(parts.jobs().take());
    }
    if (parts.registration().registered()) {
      due.addAll(parts.outgoing().due());
    }
    if (!due.isEmpty()) {
      send(due);
      succeeded();
    }
  }

  private void beat(List<PendingCommand> due) {
    beatNow = false;
    long now = SteadyClock.nanoTime();
    if (now - lastBeat > 2 * beatNanos) {
      parts.registration().disturbed();
    }
    lastBeat = now;
    if (parts.registration().joined()) {
      due.addAll(parts.registration().beat());
      parts.subscriber().beat().ifPresent(due::add);
      if (!parts.registration().hasKey()) {
        // The key comes with the replies, and the next beat can be signed.
        beatNow();
      }
    }
  }

  /** Those whose reply was taken are gone from the list, also if a later one fails. */
  private void send(List<PendingCommand> due) {
    metrics.sent(due.size());
    try (AbstractPipeline pipe = parts.clients().client().pipelined()) {
      due.forEach(each -> each.queue(pipe));
      pipe.sync();
    }
    for (Iterator<PendingCommand> each = due.iterator(); each.hasNext(); ) {
      each.next().take();
      each.remove();
    }
  }

  private void succeeded() {
    if (!works) {
      works = true;
      parts.jobs().open();
      status.writes(parts.clients().describe());
    }
  }

  private void failed(List<PendingCommand> due, RedisFailure failure) throws InterruptedException {
    works = false;
    due.forEach(each -> boundary.run(each::lost));
    boundary.run(parts.jobs()::refuse);
    boundary.run(parts.outgoing()::refuse);
    boundary.run(parts.sessions()::rewrite);
    boundary.run(parts.registration()::disturbed);
    boundary.run(() -> status.doesNotWrite(failure));
    boundary.run(this::refresh);
    long pause = Math.min(beatNanos, LONGEST_PAUSE.toNanos());
    boolean unused = closing.await(pause, TimeUnit.NANOSECONDS);
  }

  private void refresh() {
    try {
      parts.clients().refresh();
    } catch (JedisException e) {
      LOG.debug("the next attempt says what is wrong: {}", e.getMessage());
    }
  }
}

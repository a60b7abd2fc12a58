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
 * The only thread that sends commands: beats, session changes, reads and single commands, with
 * everything due in one pipeline. No other thread waits for Redis. After a failure the whole state
 * of this node is written again.
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

  /** The sources of commands, and the client to send them with. */
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

  /** Sends a beat at once, to publish a change of this node or to learn of changes of others. */
  void beatNow() {
    beatNow = true;
    parts.wakeup().now();
  }

  /** Sends a last pipeline and stops; blocks for at most this long. */
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
        runOnce();
      }
      if (works && parts.registration().joined()) {
        send(new ArrayList<>(List.of(parts.registration().leave())));
      }
    } catch (InterruptedException | JedisException e) {
      // The process is stopping: what remains in Redis expires without beats.
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

  private void runOnce() throws InterruptedException {
    List<PendingCommand> due = new ArrayList<>();
    // This thread must go on: without beats the other nodes consider this one gone.
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
        parts.subscriber().check();
      }
      return Optional.empty();
    } catch (JedisException e) {
      return Optional.of(RedisFailure.of(e));
    }
  }

  private void sendAll(List<PendingCommand> due) {
    if (!works && !due.isEmpty()) {
      // While Redis fails only the beat is retried, and not everything that is to be written.
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
        // The key arrives with the replies, so the next beat can be signed.
        beatNow();
      }
    }
  }

  /** Removes each command whose reply was handled from the list, even if a later one fails. */
  private void send(List<PendingCommand> due) {
    metrics.sent(due.size());
    try (AbstractPipeline pipe = parts.clients().client().pipelined()) {
      due.forEach(each -> each.queue(pipe));
      pipe.sync();
    }
    for (Iterator<PendingCommand> each = due.iterator(); each.hasNext(); ) {
      each.next().complete();
      each.remove();
    }
  }

  private void succeeded() {
    if (!works) {
      works = true;
      parts.jobs().open();
      status.writerWorks(parts.clients().describe());
    }
  }

  private void failed(List<PendingCommand> due, RedisFailure failure) throws InterruptedException {
    works = false;
    due.forEach(each -> boundary.run(each::failed));
    boundary.run(parts.jobs()::refuse);
    boundary.run(parts.outgoing()::refuse);
    boundary.run(parts.sessions()::rewrite);
    boundary.run(parts.registration()::disturbed);
    boundary.run(() -> status.writerFailed(failure));
    boundary.run(this::refresh);
    long pause = Math.min(beatNanos, LONGEST_PAUSE.toNanos());
    boolean unused = closing.await(pause, TimeUnit.NANOSECONDS);
  }

  private void refresh() {
    try {
      parts.clients().refresh();
    } catch (JedisException e) {
      LOG.debug("refresh failed; the next attempt reports the error: {}", e.getMessage());
    }
  }
}

package dev.holdfast.upstream;

import java.util.Comparator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A place in the queue for a new link; comes from {@link Relinks#ask}. Thread-safe. */
public final class Turn {
  /** In the order in which turns are given at one upstream. */
  static final Comparator<Turn> BY_PLACE = by(turn -> turn.place);

  /** In the order in which another upstream than the preferred one is taken. */
  static final Comparator<Turn> BY_FAILOVER = by(turn -> turn.failoverAt);

  private final Asked asked;
  private final Relinks queue;
  private final long number;
  private final long place;
  private volatile boolean cancelled;
  private long failoverAt;

  /** What a session asks with. */
  record Asked(
      @Nullable Upstream preferred, String key, Executor thread, Consumer<Upstream> go, long at) {}

  /** A time of a turn in steady nanoseconds. */
  private interface Time {
    long of(Turn turn);
  }

  /**
   * @param number of no other turn
   * @param place when it would come if nobody had to wait, in steady nanoseconds
   */
  Turn(Relinks queue, Asked asked, long number, long place) {
    this.queue = queue;
    this.asked = asked;
    this.number = number;
    this.place = place;
  }

  /**
   * Leaves the queue. Called on the thread of the session, it means that the session is not called
   * any more; a turn that was already given is lost.
   */
  public void cancel() {
    cancelled = true;
    queue.leave(this);
  }

  void give(Upstream upstream) {
    try {
      asked.thread().execute(() -> go(upstream));
    } catch (RejectedExecutionException e) {
      // The thread is about to end, and the session with it.
      cancelled = true;
    }
  }

  private void go(Upstream upstream) {
    if (!cancelled) {
      asked.go().accept(upstream);
    }
  }

  @Nullable Upstream preferred() {
    return asked.preferred();
  }

  String key() {
    return asked.key();
  }

  long askedAt() {
    return asked.at();
  }

  long failoverAt() {
    return failoverAt;
  }

  /** Only while it is in no set that is ordered by this. */
  void failoverAt(long time) {
    failoverAt = time;
  }

  /** Times have no origin, so that only their differences mean anything. */
  private static Comparator<Turn> by(Time time) {
    return (one, other) -> {
      int order = Long.signum(time.of(one) - time.of(other));
      return order != 0 ? order : Long.compare(one.number, other.number);
    };
  }
}

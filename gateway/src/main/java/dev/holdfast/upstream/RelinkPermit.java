package dev.holdfast.upstream;

import java.util.Comparator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A place in the queue for a new link; comes from {@link RelinkScheduler#ask}. Thread-safe. */
public final class RelinkPermit {
  /** In the order in which permits are given at one upstream. */
  static final Comparator<RelinkPermit> BY_PLACE = by(permit -> permit.place);

  /** In the order in which another upstream than the preferred one is taken. */
  static final Comparator<RelinkPermit> BY_FAILOVER = by(permit -> permit.failoverAt);

  private final Request request;
  private final RelinkScheduler queue;
  private final long number;
  private final long place;
  private volatile boolean cancelled;
  private long failoverAt;

  /** What a session asks with. */
  record Request(
      @Nullable Upstream preferred, String key, Executor thread, Consumer<Upstream> go, long at) {}

  /** A time of a permit in steady nanoseconds. */
  private interface Time {
    long of(RelinkPermit permit);
  }

  /**
   * @param number of no other permit
   * @param place when it would come if nobody had to wait, in steady nanoseconds
   */
  RelinkPermit(RelinkScheduler queue, Request request, long number, long place) {
    this.queue = queue;
    this.request = request;
    this.number = number;
    this.place = place;
  }

  /**
   * Leaves the queue. Called on the thread of the session, it means that the session is not called
   * any more; a permit that was already given is lost.
   */
  public void cancel() {
    cancelled = true;
    queue.leave(this);
  }

  void give(Upstream upstream) {
    try {
      request.thread().execute(() -> go(upstream));
    } catch (RejectedExecutionException e) {
      // The thread is about to end, and the session with it.
      cancelled = true;
    }
  }

  private void go(Upstream upstream) {
    if (!cancelled) {
      request.go().accept(upstream);
    }
  }

  @Nullable Upstream preferred() {
    return request.preferred();
  }

  String key() {
    return request.key();
  }

  long askedAt() {
    return request.at();
  }

  long failoverAt() {
    return failoverAt;
  }

  /** Only while it is in no set that is ordered by this. */
  void failoverAt(long time) {
    failoverAt = time;
  }

  /** Times have no origin, so that only their differences mean anything. */
  private static Comparator<RelinkPermit> by(Time time) {
    return (one, other) -> {
      int order = Long.signum(time.of(one) - time.of(other));
      return order != 0 ? order : Long.compare(one.number, other.number);
    };
  }
}

package dev.holdfast.upstream;

import java.util.Comparator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A place in the queue for a new link, returned by {@link RelinkScheduler#ask}. Thread-safe. */
public final class RelinkPermit {
  /** The order in which one upstream grants permits. */
  static final Comparator<RelinkPermit> BY_PLACE = by(permit -> permit.place);

  /** The order in which permits fail over to another upstream. */
  static final Comparator<RelinkPermit> BY_FAILOVER = by(permit -> permit.failoverAt);

  private final Request request;
  private final RelinkScheduler queue;
  private final long number;
  private final long place;
  private volatile boolean cancelled;
  private long failoverAt;

  /** The arguments of a request. */
  record Request(
      @Nullable Upstream preferred,
      String key,
      Executor thread,
      Consumer<Upstream> listener,
      long at) {}

  /** Returns a time of a permit in steady nanoseconds. */
  private interface Time {
    long of(RelinkPermit permit);
  }

  /**
   * @param number unique among permits
   * @param place when its turn would come without a queue, in steady nanoseconds
   */
  RelinkPermit(RelinkScheduler queue, Request request, long number, long place) {
    this.queue = queue;
    this.request = request;
    this.number = number;
    this.place = place;
  }

  /**
   * Leaves the queue. If called on the session's thread, the session is not called afterwards; a
   * permit that was already granted is lost.
   */
  public void cancel() {
    cancelled = true;
    queue.leave(this);
  }

  void grant(Upstream upstream) {
    try {
      request.thread().execute(() -> granted(upstream));
    } catch (RejectedExecutionException e) {
      // The thread is shutting down, and the session with it.
      cancelled = true;
    }
  }

  private void granted(Upstream upstream) {
    if (!cancelled) {
      request.listener().accept(upstream);
    }
  }

  @Nullable Upstream preferred() {
    return request.preferred();
  }

  String key() {
    return request.key();
  }

  long requestedAt() {
    return request.at();
  }

  long failoverAt() {
    return failoverAt;
  }

  /** Must not be called while the permit is in a set ordered by this value. */
  void failoverAt(long time) {
    failoverAt = time;
  }

  /** Compares times by difference, since steady time has no origin. */
  private static Comparator<RelinkPermit> by(Time time) {
    return (one, other) -> {
      int order = Long.signum(time.of(one) - time.of(other));
      return order != 0 ? order : Long.compare(one.number, other.number);
    };
  }
}

package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.time.Timers;
import java.time.Duration;

/**
 * How a session is to behave, and what it works with.
 *
 * @param tag keeps the offsets of this session apart from those of others
 * @param firstCall added to the ids of the upstream's calls; keeps them apart from those of the
 *     client's former session, which it may answer only now
 * @param pool for what waits for the upstream
 * @param outboxes for what the client has not confirmed
 */
public record SessionSetup(
    Limits limits,
    OffsetStyle style,
    String tag,
    long firstCall,
    Timers timers,
    BufferPool pool,
    BufferPool outboxes,
    Json json) {
  /** The same with other timers. */
  SessionSetup with(Timers other) {
    return new SessionSetup(limits, style, tag, firstCall, other, pool, outboxes, json);
  }

  /** How a client learns the offsets of what it got. */
  public enum OffsetStyle {
    /** As the last argument of events. */
    ARGUMENT,
    /** As events of their own. */
    MARKER,
    /**
     * The same, but only once it has come back: until then it may be a client that never does. Its
     * first resume goes on behind what it has confirmed, so that events may be repeated.
     */
    MARKER_AFTER_RESUME,
    /** Not at all: it cannot come back to its session. */
    NONE
  }

  /**
   * Bounds of a session.
   *
   * @param attachments of one packet
   * @param waitingBytes that wait for one side before the other is not read
   * @param slowTransport how long a link may stay unread
   * @param window how long a client may stay away
   * @param windowAfterLeaving the same after it left its page
   * @param asksAgain whether calls without answer are asked again though the client has had them
   * @param giveUp how long a transport stays open without a link
   * @param gapBytes what a client may send meanwhile
   * @param overlap how long two links may overlap
   * @param lag how much later than over one link an event comes over the other, unless fences tell
   */
  public record Limits(
      int attachments,
      long waitingBytes,
      Duration slowTransport,
      OutboxLimits outbox,
      Duration window,
      Duration windowAfterLeaving,
      boolean asksAgain,
      Duration giveUp,
      long gapBytes,
      Duration overlap,
      Duration lag) {
    private static final int LAGS = 5;

    /**
     * How long links may overlap that are not fenced, and how long a client that is to go to
     * another node may take to confirm what it got.
     */
    public Duration lags() {
      return lags(lag);
    }

    /** The same for this lag. */
    public static Duration lags(Duration lag) {
      return lag.multipliedBy(LAGS);
    }
  }
}

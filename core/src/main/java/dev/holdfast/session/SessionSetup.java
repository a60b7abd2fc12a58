package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.time.Timers;
import java.time.Duration;

/**
 * The settings and dependencies of a session.
 *
 * @param tag distinguishes the offsets of this session from those of other sessions
 * @param firstCall added to the ids of the upstream's calls. Keeps them distinct from those of the
 *     client's former session, which the client may still answer
 * @param pool for data that waits for the upstream
 * @param outboxes for packets that the client has not confirmed
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
  /** Returns a copy with other timers. */
  SessionSetup with(Timers other) {
    return new SessionSetup(limits, style, tag, firstCall, other, pool, outboxes, json);
  }

  /** How a client learns the offsets of the packets it received. */
  public enum OffsetStyle {
    /** As the last argument of an event. */
    ARGUMENT,
    /** As separate marker events. */
    MARKER,
    /**
     * Like {@link #MARKER}, but only after the first resume: until then the client may be one that
     * never resumes. The first resume starts after the last confirmation, so events may repeat.
     */
    MARKER_AFTER_RESUME,
    /** No offsets: the client cannot resume its session. */
    NONE
  }

  /**
   * The limits of a session.
   *
   * @param attachments maximum per packet
   * @param waitingBytes bytes that may wait for one side before reads of the other are paused
   * @param slowTransport how long a link may stay paused
   * @param window how long a client may stay away
   * @param windowAfterLeaving the same for a client that has left its page
   * @param asksAgain whether unanswered calls are replayed although the client has received them
   * @param giveUp how long a transport stays open without a link
   * @param gapBytes bytes that a client may send during that time
   * @param overlap how long two links may overlap
   * @param lag assumed maximum delay between the deliveries of an event over two links, unless
   *     fences decide
   */
  public record Limits(
      int attachments,
      long waitingBytes,
      Duration slowTransport,
      LogLimits log,
      Duration window,
      Duration windowAfterLeaving,
      boolean asksAgain,
      Duration giveUp,
      long gapBytes,
      Duration overlap,
      Duration lag) {
    private static final int LAGS = 5;

    /**
     * Returns how long links may overlap without fences. Also limits how long a client may take to
     * confirm everything before a handoff.
     */
    public Duration lags() {
      return lags(lag);
    }

    /** Returns the same for the given lag. */
    public static Duration lags(Duration lag) {
      return lag.multipliedBy(LAGS);
    }
  }

  /**
   * The limits of a log ({@code resume.*}). Sizes are in bytes.
   *
   * @param bytes maximum of all bytes kept
   * @param events maximum number of unconfirmed events
   * @param unsent unsent bytes above which reads of the link are paused
   * @param ackAfter unconfirmed bytes above which the client is pinged early
   * @param kept maximum of confirmed bytes that are kept
   * @param keptTime how long confirmed bytes are kept
   */
  public record LogLimits(
      long bytes, long events, long unsent, long ackAfter, long kept, Duration keptTime) {}
}

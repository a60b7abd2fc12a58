package dev.holdfast.session;

import dev.holdfast.memory.BlockQueue;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a session. What a read brought leaves as one run of whole packets, straight from
 * the buffer that it was read into; what the target does not take, and packets that still lack
 * attachments, wait. Beyond the limit the source is not read. Confined to its session.
 */
final class Lane {
  private final long limit;
  private final BlockQueue waiting;
  private @Nullable Hop source;
  private @Nullable Hop target;
  private @Nullable ByteBuffer run;
  private int runStart;
  private int runWhole;
  private int runEnd;
  private int missingAttachments;
  private boolean blocked;

  Lane(BufferPool pool, long limit) {
    this.limit = limit;
    this.waiting = new BlockQueue(pool);
  }

  /** Says where packets come from. */
  void from(Hop hop) {
    source = hop;
  }

  /** Says where packets go; until then they wait. */
  void to(Hop hop) {
    target = hop;
  }

  /** Whether the source is not read because too much waits. */
  boolean isBlocked() {
    return blocked;
  }

  /** Binary messages that the last packet still lacks. */
  int missingAttachments() {
    return missingAttachments;
  }

  /**
   * Adds a packet's text, or its next attachment.
   *
   * @param missing attachments that the packet lacks with this message
   * @return false if no buffer is left
   */
  // The very same buffer is meant: equal bytes elsewhere are no continuation of the run.
  @SuppressWarnings("ReferenceEquality")
  boolean add(Message message, int missing) {
    boolean kept = true;
    if (run != message.buffer() || runEnd != message.start()) {
      kept = flush();
      run = message.buffer();
      runStart = message.start();
      runWhole = runStart;
    }
    runEnd = message.end();
    missingAttachments = missing;
    if (missing == 0) {
      runWhole = runEnd;
    }
    return kept;
  }

  /**
   * Passes on the run that was added since the last call.
   *
   * @return false if no buffer is left for what has to wait
   */
  boolean flush() {
    ByteBuffer bytes = run;
    if (bytes == null) {
      return true;
    }
    run = null;
    if (runWhole > runStart && waiting.isEmpty() && target != null) {
      boolean taken = target.send(bytes.limit(runWhole).position(runStart));
      bytes.clear();
      if (taken) {
        runStart = runWhole;
      }
    }
    return runStart == runEnd || keep(bytes);
  }

  private boolean keep(ByteBuffer bytes) {
    boolean kept = true;
    if (runWhole > runStart) {
      kept = waiting.append(bytes, runStart, runWhole);
      waiting.commit();
    }
    if (runEnd > runWhole) {
      kept &= waiting.append(bytes, runWhole, runEnd);
    }
    drain();
    if (source != null && !blocked && waiting.bytes() > limit) {
      blocked = true;
      source.pauseReads();
    }
    return kept;
  }

  /** Passes on what waits, as far as the target takes it. */
  void drain() {
    Hop to = target;
    ByteBuffer head = to == null ? null : waiting.head();
    while (to != null && head != null && to.send(head)) {
      head.position(head.limit());
      waiting.taken();
      head = waiting.head();
    }
    if (source != null && blocked && waiting.bytes() <= limit / 2) {
      blocked = false;
      source.resumeReads();
    }
  }

  /** Forgets what waits. */
  void clear() {
    run = null;
    waiting.clear();
  }
}

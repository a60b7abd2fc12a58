package dev.holdfast.session;

import dev.holdfast.memory.BlockQueue;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a session. Sends the messages of a read as one sequence of whole packets,
 * directly from the read buffer. What the target does not accept waits, and so do packets that lack
 * attachments. Above the limit, reads of the source are paused. Confined to its session.
 */
final class ForwardBuffer implements Downstream {
  private final long limit;
  private final BlockQueue waiting;
  private @Nullable EngineConnection source;
  private @Nullable EngineConnection target;
  private @Nullable ByteBuffer run;
  private int runStart;
  private int runWhole;
  private int runEnd;
  private int missingAttachments;
  private boolean blocked;
  private boolean held;
  private boolean stopped;

  /** Whether the packet that lacks attachments is dropped. */
  private boolean dropping;

  ForwardBuffer(BufferPool pool, long limit) {
    this.limit = limit;
    this.waiting = new BlockQueue(pool);
  }

  @Override
  public void from(EngineConnection connection) {
    source = connection;
    if (blocked) {
      connection.pauseReads(PauseReason.SLOW_PEER);
    }
  }

  @Override
  public void to(EngineConnection connection) {
    if (!connection.equals(target)) {
      dropBegun();
    }
    target = connection;
    held = false;
    stopped = false;
  }

  /**
   * Holds packets until {@link #to} is called. Above the limit, reads of the source stay paused.
   *
   * @throws IllegalStateException if a packet waits or is incomplete
   */
  void stop() {
    if (missingAttachments > 0 || !waiting.isEmpty()) {
      throw new IllegalStateException("stopped within a packet");
    }
    stopped = true;
  }

  /**
   * Returns whether the target is between two packets: this buffer holds nothing more for it, or is
   * stopped.
   */
  boolean isBetweenPackets() {
    return stopped || (waiting.isEmpty() && missingAttachments == 0);
  }

  /**
   * The packet of these attachments was sent to the former target. They mean nothing to the next
   * one.
   */
  private void dropBegun() {
    FrameHeader frame = new FrameHeader();
    try {
      ByteBuffer head = waiting.head();
      while (head != null) {
        boolean masked = FrameHeader.isMasked(head, head.position());
        boolean whole = frame.read(head, head.position(), head.limit(), masked);
        if (!whole || frame.opcode() != Opcode.BINARY) {
          return;
        }
        head.position((int) frame.end());
        waiting.taken();
        head = waiting.head();
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("a forward buffer holds what is no frame", e);
    }
  }

  /** Detaches the target. Packets wait for the next one, and reads of the source continue. */
  void hold() {
    dropBegun();
    target = null;
    held = true;
    unblock();
  }

  @Override
  public boolean isBlocked() {
    return blocked;
  }

  @Override
  public int missingAttachments() {
    return missingAttachments;
  }

  /** Returns whether there is a target. */
  boolean hasTarget() {
    return target != null;
  }

  /** Returns whether a packet added now would be sent, if the target accepts it, and not wait. */
  boolean isOpen() {
    return target != null && !stopped && waiting.isEmpty();
  }

  /** Drops waiting answers to calls of a target that is gone. */
  void forgetAnswers() {
    flush();
    AnswerFilter filter = new AnswerFilter();
    takeWaiting(filter);
    List<byte[]> whole = filter.takeKept();
    waiting.commit();
    takeWaiting(filter);
    whole.forEach(this::append);
    waiting.commit();
    filter.takeKept().forEach(this::append);
    dropping = missingAttachments > 0 && (dropping || filter.endsWithAnswer());
  }

  private void takeWaiting(AnswerFilter filter) {
    for (ByteBuffer head = waiting.head(); head != null; head = waiting.head()) {
      byte[] frames = new byte[head.remaining()];
      head.get(frames);
      waiting.taken();
      filter.add(frames);
    }
  }

  private void append(byte[] frame) {
    waiting.append(ByteBuffer.wrap(frame), 0, frame.length);
  }

  /** Returns the number of waiting bytes. */
  long waitingBytes() {
    return waiting.bytes();
  }

  @Override
  public boolean add(Message message, SocketPacketHeader header, int missing) {
    return add(message, missing);
  }

  /**
   * Adds a packet's text or its next attachment.
   *
   * @param missing number of attachments that the packet still lacks
   * @return false if no buffer is left
   */
  // Compared by identity: equal bytes in another buffer do not continue the sequence.
  @SuppressWarnings("ReferenceEquality")
  boolean add(Message message, int missing) {
    if (dropping) {
      dropping = missing > 0;
      missingAttachments = missing;
      return true;
    }
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

  @Override
  public boolean flush() {
    ByteBuffer bytes = run;
    if (bytes == null) {
      return true;
    }
    run = null;
    if (runWhole > runStart && waiting.isEmpty() && target != null && !stopped) {
      try {
        if (target.send(bytes.limit(runWhole).position(runStart))) {
          runStart = runWhole;
        }
      } finally {
        // The reader owns the buffer and continues with it, whatever was thrown here.
        bytes.clear();
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
    if (source != null && !blocked && !held && waiting.bytes() > limit) {
      blocked = true;
      source.pauseReads(PauseReason.SLOW_PEER);
    }
    return kept;
  }

  @Override
  public void drain() {
    EngineConnection to = stopped ? null : target;
    ByteBuffer head = to == null ? null : waiting.head();
    while (to != null && head != null && to.send(head)) {
      head.position(head.limit());
      waiting.taken();
      head = waiting.head();
    }
    if (waiting.bytes() <= limit / 2) {
      unblock();
    }
  }

  @Override
  public void drainLast() {
    EngineConnection to = target;
    ByteBuffer head = to == null ? null : waiting.head();
    while (to != null && head != null && to.sendLast(head)) {
      head.position(head.limit());
      waiting.taken();
      head = waiting.head();
    }
  }

  private void unblock() {
    if (source != null && blocked) {
      blocked = false;
      source.resumeReads(PauseReason.SLOW_PEER);
    }
  }

  @Override
  public void forgetPart() {
    missingAttachments = 0;
    dropping = false;
    run = null;
    waiting.rollback();
  }

  @Override
  public void clear() {
    run = null;
    waiting.clear();
  }
}

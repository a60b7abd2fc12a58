package dev.holdfast.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Copies of messages for later delivery. Confined to its owner. */
public final class FrameBatch {
  /** Receives messages. */
  public interface Each {
    /** Receives a message, which is valid until this method returns. */
    void message(Message message) throws ProtocolException;
  }

  /** Bytes of capacity that are kept for the next batch; an idle connection holds no more. */
  private static final int KEPT = 1024;

  private ByteArrayOutputStream frames = new ByteArrayOutputStream(0);

  /** Appends a message. */
  public void add(Message message) {
    byte[] frame = new byte[message.end() - message.start()];
    message.buffer().get(message.start(), frame);
    frames.writeBytes(frame);
  }

  /** Appends the messages of another batch, which keeps them. */
  public void add(FrameBatch other) {
    frames.writeBytes(other.frames.toByteArray());
  }

  /** Appends frames from {@link #take} of another batch. */
  public void add(byte[] run) {
    frames.writeBytes(run);
  }

  /** Returns the size in bytes. */
  public int bytes() {
    return frames.size();
  }

  /** Returns whether the batch is empty. */
  public boolean isEmpty() {
    return frames.size() == 0;
  }

  /** Removes and returns all frames. */
  public byte[] take() {
    byte[] all = frames.toByteArray();
    if (all.length > KEPT) {
      frames = new ByteArrayOutputStream(0);
    } else {
      frames.reset();
    }
    return all;
  }

  /**
   * Delivers each message in frames from {@link #take}.
   *
   * @param run whole frames, masked
   */
  public static void each(byte[] run, Each each) throws ProtocolException {
    each(run, true, each);
  }

  /** Delivers each message in frames that are masked or not. */
  public static void each(byte[] run, boolean masked, Each each) throws ProtocolException {
    ByteBuffer buffer = ByteBuffer.wrap(run);
    FrameScanner frames = new FrameScanner().over(buffer, 0, run.length, masked);
    while (frames.next()) {
      each.message(frames.message());
      // Forwarding the message may have moved the buffer's limit.
      buffer.clear();
    }
  }
}

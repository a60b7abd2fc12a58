package dev.holdfast.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Copies of a client's messages, to be handed over later. Confined to its owner. */
public final class FrameBatch {
  /** What is done with a message. */
  public interface Each {
    /** Takes one; valid until it returns. */
    void message(Message message) throws ProtocolException;
  }

  /** Room that is kept for the next batch; a connection at rest holds no more. */
  private static final int KEPT = 1024;

  private ByteArrayOutputStream frames = new ByteArrayOutputStream(0);

  /** Adds a message. */
  public void add(Message message) {
    byte[] frame = new byte[message.end() - message.start()];
    message.buffer().get(message.start(), frame);
    frames.writeBytes(frame);
  }

  /** Adds the messages of another batch, which keeps them. */
  public void add(FrameBatch other) {
    frames.writeBytes(other.frames.toByteArray());
  }

  /** Adds a run that was taken from a batch. */
  public void add(byte[] run) {
    frames.writeBytes(run);
  }

  /** How many bytes there are. */
  public int bytes() {
    return frames.size();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return frames.size() == 0;
  }

  /** The frames so far, which are forgotten here. */
  public byte[] take() {
    byte[] all = frames.toByteArray();
    if (all.length > KEPT) {
      frames = new ByteArrayOutputStream(0);
    } else {
      frames.reset();
    }
    return all;
  }

  /** Hands over each message of a run that was taken from a batch. */
  public static void each(byte[] run, Each each) throws ProtocolException {
    ByteBuffer buffer = ByteBuffer.wrap(run);
    FrameHeader header = new FrameHeader();
    Message message = new Message();
    int index = 0;
    while (header.read(buffer, index, run.length, true)) {
      int end = (int) header.end();
      each.message(
          message
              .at(buffer, index, header.payload(), end)
              .as(header.maskKey(), header.opcode() == Opcode.TEXT));
      // Whoever passed the run on has moved its limit.
      buffer.clear();
      index = end;
    }
  }
}

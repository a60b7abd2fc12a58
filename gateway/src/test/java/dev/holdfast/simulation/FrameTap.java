package dev.holdfast.simulation;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** Reads the frames in what is written to a connection. */
final class FrameTap implements Pipe.Tap {
  private final boolean masked;
  private final Consumer<String> text;
  private final Consumer<String> close;
  private final FrameHeader header = new FrameHeader();
  private byte[] pending = {};
  private boolean closing;

  /**
   * A tap that has seen nothing.
   *
   * @param masked whether a client writes
   * @param text is given each text message
   * @param close is given the reason of the first close frame
   */
  FrameTap(boolean masked, Consumer<String> text, Consumer<String> close) {
    this.masked = masked;
    this.text = text;
    this.close = close;
  }

  @Override
  public void written(byte[] bytes) {
    byte[] all = Arrays.copyOf(pending, pending.length + bytes.length);
    System.arraycopy(bytes, 0, all, pending.length, bytes.length);
    ByteBuffer buffer = ByteBuffer.wrap(all);
    int at = 0;
    try {
      while (header.read(buffer, at, all.length, masked) && header.end() <= all.length) {
        frame(buffer);
        at = (int) header.end();
      }
    } catch (ProtocolException e) {
      throw new Violation("a node wrote what is no frame: " + e.getMessage());
    }
    pending = Arrays.copyOfRange(all, at, all.length);
  }

  private void frame(ByteBuffer buffer) {
    if (header.opcode() == Opcode.TEXT) {
      text.accept(payload(buffer, 0));
    } else if (header.opcode() == Opcode.CLOSE && !closing) {
      closing = true;
      close.accept(payload(buffer, Short.BYTES));
    }
  }

  private String payload(ByteBuffer buffer, int from) {
    byte[] payload = new byte[(int) header.length()];
    buffer.get(header.payload(), payload);
    Mask.apply(ByteBuffer.wrap(payload), 0, payload.length, header.maskKey());
    int start = Math.min(from, payload.length);
    return new String(payload, start, payload.length - start, StandardCharsets.UTF_8);
  }
}

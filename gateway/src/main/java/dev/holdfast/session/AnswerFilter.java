package dev.holdfast.session;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Filters acknowledgements out of a client's frames. Confined to its owner. */
final class AnswerFilter {
  private final FrameHeader frame = new FrameHeader();
  private final Message message = new Message();
  private final SocketPacketHeader header = new SocketPacketHeader();
  private List<byte[]> kept = new ArrayList<>();
  private boolean answer;

  /** Filters a sequence of whole frames. */
  void add(byte[] frames) {
    ByteBuffer buffer = ByteBuffer.wrap(frames);
    try {
      for (int at = 0; frame.read(buffer, at, frames.length, true); at = (int) frame.end()) {
        if (frame.opcode() == Opcode.TEXT) {
          message.at(buffer, at, frame.payload(), (int) frame.end()).as(frame.maskKey(), true);
          header.read(message);
          answer =
              header.type() == SocketPacketType.ACK || header.type() == SocketPacketType.BINARY_ACK;
        }
        if (!answer) {
          kept.add(Arrays.copyOfRange(frames, at, (int) frame.end()));
        }
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("a forward buffer holds what is no packet", e);
    }
  }

  /** Returns whether the last packet was an acknowledgement. */
  boolean endsWithAnswer() {
    return answer;
  }

  /** Returns the frames kept since the last call. */
  List<byte[]> takeKept() {
    List<byte[]> taken = kept;
    kept = new ArrayList<>();
    return taken;
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.FrameScanner;
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
  private final FrameScanner scanner = new FrameScanner();
  private final SocketPacketHeader header = new SocketPacketHeader();
  private List<byte[]> kept = new ArrayList<>();
  private boolean answer;

  /** Filters a sequence of whole frames. */
  void add(byte[] frames) {
    scanner.over(ByteBuffer.wrap(frames), 0, frames.length, true);
    try {
      while (scanner.next()) {
        if (scanner.header().opcode() == Opcode.TEXT) {
          header.read(scanner.message());
          answer =
              header.type() == SocketPacketType.ACK || header.type() == SocketPacketType.BINARY_ACK;
        }
        if (!answer) {
          kept.add(Arrays.copyOfRange(frames, scanner.start(), scanner.end()));
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

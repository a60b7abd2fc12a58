package dev.holdfast.session;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one read of a connection brought: frames one behind the other in one buffer. Packets in
 * angle brackets are binary; {@link #CONTROL} stands for a frame that is no message.
 */
final class Read {
  static final String CONTROL = "control";

  private record Frame(int start, int payload, int end, int key, boolean text) {}

  private final ByteBuffer buffer;
  private final List<Frame> frames = new ArrayList<>();

  private Read(String... packets) {
    int bytes = 0;
    for (String packet : packets) {
      bytes += FrameHeader.MAX_BYTES + packet.length() * 3;
    }
    buffer = ByteBuffer.allocate(bytes);
  }

  /** A read from a client, each frame with a key of its own. */
  static Read ofClient(String... packets) {
    Read read = new Read(packets);
    int key = 0x11223344;
    for (String packet : packets) {
      read.add(packet, key);
      key = key * 31 + 7;
    }
    return read;
  }

  /** A read from an upstream. */
  static Read ofUpstream(String... packets) {
    Read read = new Read(packets);
    for (String packet : packets) {
      read.add(packet, 0);
    }
    return read;
  }

  private void add(String packet, int key) {
    if (packet.equals(CONTROL)) {
      buffer.putShort((short) 0x8900);
      return;
    }
    boolean text = !packet.startsWith("<");
    byte[] payload =
        (text ? packet : packet.substring(1, packet.length() - 1)).getBytes(StandardCharsets.UTF_8);
    int opcode = text ? Opcode.TEXT : Opcode.BINARY;
    int start = buffer.position();
    if (key == 0) {
      FrameHeader.write(buffer, opcode, payload.length);
    } else {
      FrameHeader.writeMasked(buffer, opcode, payload.length, key);
    }
    int from = buffer.position();
    buffer.put(payload);
    Mask.apply(buffer, from, buffer.position(), key);
    frames.add(new Frame(start, from, buffer.position(), key, text));
  }

  /** The bytes as they came. */
  byte[] bytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** Tells a receiver of every message, and then that there is no more. */
  void tell(EngineConnection.Listener listener) throws ProtocolException {
    tellMessages(listener);
    listener.batchEnd();
  }

  /** Tells a receiver of every message. */
  void tellMessages(EngineConnection.Listener listener) throws ProtocolException {
    each(listener::message);
  }

  /** What is done with a message. */
  interface Each {
    void message(Message message) throws ProtocolException;
  }

  /** Hands over every message. */
  void each(Each each) throws ProtocolException {
    Message message = new Message();
    ByteBuffer shared = buffer.duplicate();
    for (Frame frame : frames) {
      each.message(
          message
              .at(shared, frame.start(), frame.payload(), frame.end())
              .as(frame.key(), frame.text()));
      // Whoever passed a run on has moved its limit.
      shared.clear();
    }
  }
}

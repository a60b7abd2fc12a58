package dev.holdfast.engineio;

import dev.holdfast.protocol.EnginePacket;
import dev.holdfast.protocol.EnginePacketType;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.FrameScanner;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Converts between Engine.IO packets and WebSocket frames. */
public final class EngineFrames {
  private EngineFrames() {}

  /** Returns an unmasked text frame with an ASCII packet. */
  static ByteBuffer text(String packet) {
    byte[] payload = packet.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.bytes(payload.length) + payload.length);
    FrameHeader.write(frame, Opcode.TEXT, payload.length);
    return frame.put(payload).flip();
  }

  /** Returns the packets in a sequence of complete unmasked frames; they share its bytes. */
  static List<EnginePacket> packets(ByteBuffer frames) throws ProtocolException {
    FrameScanner scanner =
        new FrameScanner().over(frames, frames.position(), frames.limit(), false);
    List<EnginePacket> packets = new ArrayList<>();
    while (scanner.next()) {
      FrameHeader header = scanner.header();
      ByteBuffer payload = frames.slice(header.payload(), (int) header.length());
      packets.add(
          header.opcode() == Opcode.TEXT
              ? EnginePacket.text(payload)
              : EnginePacket.binary(payload));
    }
    return packets;
  }

  /** Handles each message of a sequence. */
  interface Each {
    /** Handles one message. */
    void message(Message message) throws ProtocolException;
  }

  /** Passes packets on as the masked messages that a WebSocket client would have sent. */
  static void asMessages(List<EnginePacket> packets, Each each) throws ProtocolException {
    long bytes = 0;
    for (EnginePacket packet : packets) {
      bytes += FrameHeader.MAX_BYTES + packet.frame().remaining();
    }
    ByteBuffer run = ByteBuffer.allocate(Math.toIntExact(bytes));
    Message message = new Message();
    int key = ThreadLocalRandom.current().nextInt();
    for (EnginePacket packet : packets) {
      ByteBuffer data = packet.frame();
      int start = run.position();
      FrameHeader.writeMasked(
          run, packet.binary() ? Opcode.BINARY : Opcode.TEXT, data.remaining(), key);
      int payload = run.position();
      run.put(data);
      int end = run.position();
      Mask.apply(run, payload, end, key);
      each.message(message.at(run, start, payload, end).as(key, !packet.binary()));
      // The consumer may have moved the limit.
      run.clear().position(end);
    }
  }

  /** Returns whether a message is this ASCII packet. */
  static boolean is(Message message, String packet) {
    if (!message.text() || message.length() != packet.length()) {
      return false;
    }
    for (int i = 0; i < packet.length(); i++) {
      if (message.byteAt(i) != packet.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the packet type of a text message.
   *
   * @throws ProtocolException if the message is empty or the type unknown
   */
  public static EnginePacketType type(Message message) throws ProtocolException {
    int digit = message.byteAt(0);
    if (digit < 0) {
      throw new ProtocolException("an Engine.IO packet is empty");
    }
    return EnginePacketType.ofDigit((byte) digit);
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Rewrites acknowledgement ids, which differ between the two sides after a relink. */
final class AckIds {
  private AckIds() {}

  /** Returns an upstream's packet with this id, as an unmasked frame. */
  static Message down(Message packet, SocketPacketHeader header, long id) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(payload(packet, header, id))), false);
  }

  /** Returns a client's packet with this id, as a masked frame. */
  static Message up(Message packet, SocketPacketHeader header, long id) {
    return new Message()
        .ofFrame(ByteBuffer.wrap(TextFrame.masked(payload(packet, header, id))), true);
  }

  private static byte[] payload(Message packet, SocketPacketHeader header, long id) {
    byte[] old = packet.bytes(0);
    int end = header.json();
    while (SocketPacketHeader.isBlank(old[end - 1]) && end > 2) {
      end--;
    }
    int digits = end;
    while (old[digits - 1] >= '0' && old[digits - 1] <= '9' && digits > 2) {
      digits--;
    }
    byte[] number = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    byte[] payload = Arrays.copyOf(old, digits + number.length + old.length - end);
    System.arraycopy(number, 0, payload, digits, number.length);
    System.arraycopy(old, end, payload, digits + number.length, old.length - end);
    return payload;
  }
}

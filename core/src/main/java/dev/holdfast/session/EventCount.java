package dev.holdfast.session;

import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.FrameScanner;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import java.nio.ByteBuffer;

/**
 * Counts the events of the namespace "/" in a log. This happens for each event when its client
 * confirms it, so nearly all of them are recognized by their first bytes.
 */
final class EventCount implements Spool.Visitor {
  /** First bytes of nearly every event: {@code 42["}. A marker has a tilde after them. */
  private static final int EVENT = '4' << 24 | '2' << 16 | '[' << 8 | '"';

  private final FrameScanner frames = new FrameScanner();
  private final SocketPacketHeader header = new SocketPacketHeader();
  private long events;

  private EventCount() {}

  /** Returns the number of events between two positions, which are entry boundaries. */
  static long of(Spool spool, long from, long to) {
    EventCount count = new EventCount();
    spool.visit(from, to, count);
    return count.events;
  }

  @Override
  public void visit(ByteBuffer buffer, int from, int to, long position) {
    frames.over(buffer, from, to, false);
    try {
      while (frames.next()) {
        if (frames.header().opcode() == Opcode.TEXT && isEvent(buffer)) {
          events++;
        }
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("a log holds what is no packet", e);
    }
    if (frames.start() != to) {
      throw new IllegalStateException("position " + (position + to - from) + " is inside a packet");
    }
  }

  private boolean isEvent(ByteBuffer buffer) throws ProtocolException {
    int payload = frames.header().payload();
    if (frames.header().length() > Integer.BYTES
        && buffer.getInt(payload) == EVENT
        && buffer.get(payload + Integer.BYTES) != '~') {
      return true;
    }
    Message packet = frames.message();
    header.read(packet);
    return header.rootNamespace()
        && (header.type() == SocketPacketType.EVENT
            || header.type() == SocketPacketType.BINARY_EVENT)
        && !Offsets.isMarker(packet);
  }
}

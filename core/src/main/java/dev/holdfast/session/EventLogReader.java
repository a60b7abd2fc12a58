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
 * Reads the packets of a log with their attachments, in order. An entry never spans two blocks.
 * Used when a client resumes, and by compaction.
 */
final class EventLogReader implements Spool.Visitor {
  /** Processes the entries. */
  interface Visitor {
    void entry(Entry entry);
  }

  /** A packet in a block, with its attachments. Valid during the visit. */
  static final class Entry {
    private final Message packet = new Message();
    private final SocketPacketHeader header = new SocketPacketHeader();
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int start;
    private int end;
    private long position;
    private boolean marker;

    Message packet() {
      return packet;
    }

    SocketPacketHeader header() {
      return header;
    }

    /** Returns the position of the first byte. */
    long position() {
      return position;
    }

    /** Returns the position after the last byte. */
    long endPosition() {
      return position + end - start;
    }

    int length() {
      return end - start;
    }

    /** Returns whether this is an upstream's event in the namespace "/". */
    boolean isEvent() {
      return !marker && isRoot() && isEventType();
    }

    /** Returns whether this is such an event with an acknowledgement id. */
    boolean isCall() {
      return isEvent() && header.ackId() != SocketPacketHeader.NO_ACK;
    }

    boolean isMarker() {
      return marker;
    }

    boolean isConnect() {
      return isRoot() && header.type() == SocketPacketType.CONNECT;
    }

    boolean isRoot() {
      return header.rootNamespace();
    }

    private boolean isEventType() {
      return header.type() == SocketPacketType.EVENT
          || header.type() == SocketPacketType.BINARY_EVENT;
    }

    /** Returns the counter of the offset at the end of the text; -1 if none. */
    long offset(Offsets offsets) {
      return offsets.endOf(packet);
    }

    /** Returns a copy of the JSON. */
    byte[] json() {
      return packet.bytes(header.json());
    }

    /** Returns a copy of the bytes. */
    byte[] frame() {
      byte[] bytes = new byte[length()];
      buffer.get(start, bytes);
      return bytes;
    }

    /** Copies the bytes to the buffer's position, and advances it. */
    void copyTo(ByteBuffer target) {
      target.put(target.position(), buffer, start, length());
      target.position(target.position() + length());
    }

    private void read(ByteBuffer source, FrameScanner frame, long at) throws ProtocolException {
      buffer = source;
      start = frame.start();
      position = at;
      packet.at(source, start, frame.header().payload(), frame.end()).as(0, true);
      header.read(packet);
      marker = Offsets.isMarker(packet);
    }
  }

  private final FrameScanner frames = new FrameScanner();
  private final Entry entry = new Entry();
  private final Visitor visitor;

  private EventLogReader(Visitor visitor) {
    this.visitor = visitor;
  }

  /** Visits the entries between two positions, which are entry boundaries. */
  static void visit(Spool spool, long from, long to, Visitor visitor) {
    spool.visit(from, to, new EventLogReader(visitor));
  }

  /** Returns the last offset before a position, which is an entry boundary. */
  static long offsetBefore(Spool spool, long position, Offsets offsets) {
    long[] found = {spool.startMark()};
    visit(
        spool,
        spool.start(),
        position,
        entry -> found[0] = Math.max(found[0], entry.offset(offsets)));
    return found[0];
  }

  @Override
  public void visit(ByteBuffer buffer, int from, int to, long position) {
    frames.over(buffer, from, to, false);
    try {
      boolean more = frames.next();
      while (more) {
        entry.read(buffer, frames, position + frames.start() - from);
        do {
          more = frames.next();
        } while (more && frames.header().opcode() == Opcode.BINARY);
        entry.end = frames.start();
        visitor.entry(entry);
      }
    } catch (ProtocolException e) {
      throw new IllegalStateException("a log holds what is no packet", e);
    }
  }
}

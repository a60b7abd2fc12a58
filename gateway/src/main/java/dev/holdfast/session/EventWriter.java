package dev.holdfast.session;

import dev.holdfast.memory.BlockQueue;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes packets into an outbox, and events with their offsets. A packet is written whole or not at
 * all, directly followed by its marker, if it needs one. Confined to its outbox.
 */
final class EventWriter {
  /**
   * Maximum bytes of small events that share one marker: a TCP segment, which is seldom split by a
   * disconnect.
   */
  static final int MARKER_RUN = 1200;

  /** Allocates room in the outbox; null if there is none. */
  interface Room {
    @Nullable ByteBuffer of(int bytes);
  }

  private final Offsets offsets;
  private final boolean arguments;
  private final Calls calls;
  private final Room rooms;
  private final BlockQueue part;
  private Spool spool;
  private boolean partIsEvent;

  /** Bytes of the part's text frame if it takes the offset; otherwise 0. */
  private int partTakesOffset;

  private int missingAttachments;

  /** Whether the client gets no offsets, and has got none so far. */
  private boolean silent;

  /** Counts events and CONNECT replies. A client that missed one names an earlier offset. */
  private long counter = -1;

  private int unmarked;
  private long events;

  EventWriter(
      Offsets offsets, OffsetStyle style, Calls calls, Room rooms, Spool spool, BufferPool pool) {
    this.offsets = offsets;
    this.arguments = style == OffsetStyle.ARGUMENT;
    this.silent = style == OffsetStyle.MARKER_AFTER_RESUME;
    this.calls = calls;
    this.rooms = rooms;
    this.spool = spool;
    this.part = new BlockQueue(pool);
  }

  /** Continues after the replay for a resumed client, which contains its offset. */
  void to(Spool next, long last) {
    spool = next;
    silent = false;
    counter = last;
    spool.mark(counter);
  }

  /** Returns whether the client gets no offsets, and has got none so far. */
  boolean isSilent() {
    return silent;
  }

  /** Returns the counter of the last offset. */
  long counter() {
    return counter;
  }

  /** Continues from this counter. */
  void countFrom(long last) {
    counter = last - 1;
    count();
  }

  private void count() {
    spool.mark(++counter);
  }

  /** Returns the number of events written since the last call. */
  long takeEvents() {
    long taken = events;
    events = 0;
    return taken;
  }

  int missingAttachments() {
    return missingAttachments;
  }

  /** Adds a packet's text or its next attachment. Returns false if there is no room. */
  boolean add(Message message, SocketPacketHeader header, int missing) {
    boolean first = missingAttachments == 0;
    missingAttachments = missing;
    if (first && missing == 0) {
      return whole(message, header);
    }
    if (first) {
      partIsEvent = header.rootNamespace() && header.type() == SocketPacketType.BINARY_EVENT;
      boolean takes =
          partIsEvent
              && arguments
              && header.ackId() == SocketPacketHeader.NO_ACK
              && Offsets.canTakeArgument(message, header.json());
      partTakesOffset = takes ? message.end() - message.start() : 0;
    }
    boolean kept = part.append(message.buffer(), message.start(), message.end());
    part.commit();
    return kept && (missing > 0 || finishPart());
  }

  private boolean whole(Message message, SocketPacketHeader header) {
    if (header.type() != SocketPacketType.EVENT || !header.rootNamespace()) {
      return plain(message);
    }
    boolean call = header.ackId() != SocketPacketHeader.NO_ACK;
    if (arguments && !call && Offsets.canTakeArgument(message, header.json())) {
      return withArgument(message);
    }
    if (call) {
      calls.asked(header.ackId(), frame(message));
    }
    int length = message.end() - message.start();
    boolean fits = unmarked + length <= MARKER_RUN;
    return (fits || flush()) && marked(message, length) && (shares(call) || mark());
  }

  private boolean shares(boolean call) {
    return !call && !arguments && unmarked <= MARKER_RUN;
  }

  private static byte[] frame(Message message) {
    byte[] bytes = new byte[message.end() - message.start()];
    message.buffer().get(message.start(), bytes);
    return bytes;
  }

  private boolean withArgument(Message event) {
    ByteBuffer room = rooms.of(event.length() + offsets.argumentRoom());
    if (room == null) {
      return false;
    }
    events++;
    count();
    offsets.writeArgument(room, event, counter);
    spool.added();
    return true;
  }

  private boolean marked(Message event, int length) {
    int needed = length + offsets.markerRoom();
    // A block may be sent and confirmed on its own, so it ends with a marker.
    boolean marked = unmarked == 0 || spool.fits(needed) || mark();
    ByteBuffer room = marked ? rooms.of(needed) : null;
    if (room == null) {
      return false;
    }
    events++;
    count();
    put(room, event);
    unmarked += length;
    return true;
  }

  private void put(ByteBuffer room, Message packet) {
    int length = packet.end() - packet.start();
    room.put(room.position(), packet.buffer(), packet.start(), length);
    room.position(room.position() + length);
    spool.added();
  }

  /** Adds a packet without an offset, which only keeps its place in the order. */
  private boolean plain(Message packet) {
    ByteBuffer room = flush() ? rooms.of(packet.end() - packet.start()) : null;
    if (room == null) {
      return false;
    }
    put(room, packet);
    return true;
  }

  /** Adds a frame of the gateway, followed by a marker if the client gets any. */
  boolean reply(byte[] frame) {
    ByteBuffer room = flush() ? rooms.of(frame.length + offsets.markerRoom()) : null;
    if (room == null) {
      return false;
    }
    room.put(frame);
    spool.added();
    count();
    return mark();
  }

  /** Adds a marker, if the client gets any. */
  boolean mark() {
    if (silent) {
      unmarked = 0;
      return true;
    }
    ByteBuffer room = rooms.of(offsets.markerRoom());
    if (room == null) {
      return false;
    }
    unmarked = 0;
    offsets.writeMarker(room, counter);
    spool.added();
    return true;
  }

  /** Adds the marker that the last events share. Called before anything is sent. */
  boolean flush() {
    return unmarked == 0 || mark();
  }

  private boolean finishPart() {
    int offset = partTakesOffset > 0 ? offsets.argumentRoom() : offsets.markerRoom();
    ByteBuffer room = flush() ? rooms.of((int) part.bytes() + offset) : null;
    if (room == null) {
      return false;
    }
    byte[] packet = takePart();
    if (!partIsEvent) {
      put(room, packet, 0);
      return true;
    }
    events++;
    count();
    if (partTakesOffset > 0) {
      ByteBuffer text = ByteBuffer.wrap(packet).limit(partTakesOffset);
      offsets.writeArgument(room, new Message().ofFrame(text, false), counter);
      put(room, packet, partTakesOffset);
      return true;
    }
    OutboxReader.callId(packet).ifPresent(id -> calls.asked(id, packet));
    put(room, packet, 0);
    return mark();
  }

  private byte[] takePart() {
    byte[] packet = new byte[(int) part.bytes()];
    ByteBuffer copy = ByteBuffer.wrap(packet);
    for (ByteBuffer head = part.head(); head != null; head = part.head()) {
      copy.put(head);
      part.taken();
    }
    return packet;
  }

  private void put(ByteBuffer room, byte[] packet, int from) {
    room.put(packet, from, packet.length - from);
    spool.added();
  }

  /** Forgets the packet that still lacks attachments. */
  void forgetPart() {
    missingAttachments = 0;
    part.clear();
  }
}

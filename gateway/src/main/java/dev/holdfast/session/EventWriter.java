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
 * Writes packets into an outbox, events with their offsets. A packet stands there whole or not at
 * all, and its marker, if it needs one, right behind it. Confined to its outbox.
 */
final class EventWriter {
  /** Small events share one marker up to the size of a TCP segment, which a cut seldom parts. */
  static final int MARKER_RUN = 1200;

  /** Finds room in the outbox; null if there is none. */
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

  /** Bytes of its text frame if that takes the offset; else 0. */
  private int partTakesOffset;

  private int missingAttachments;

  /** Whether the client is not told where it is, nor has been so far. */
  private boolean silent;

  /** Counts events, and CONNECT replies: who has missed one names an offset before it. */
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

  /** Continues after the replay for a client that has returned, which learns its offset from it. */
  void to(Spool next, long last) {
    spool = next;
    silent = false;
    counter = last;
    spool.mark(counter);
  }

  /** Whether the client is not told where it is, nor has been so far. */
  boolean isSilent() {
    return silent;
  }

  /** The counter of the last offset. */
  long counter() {
    return counter;
  }

  /** Counts on from here. */
  void countFrom(long last) {
    counter = last - 1;
    count();
  }

  private void count() {
    spool.mark(++counter);
  }

  /** Events that were written since the last call. */
  long takeEvents() {
    long taken = events;
    events = 0;
    return taken;
  }

  int missingAttachments() {
    return missingAttachments;
  }

  /** Adds a packet's text or its next attachment; false if there is no room. */
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
    // A block may be all that is sent and confirmed for now: it ends with where the client is.
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

  /** A packet that has no offset: it has its place in the order and no more. */
  private boolean plain(Message packet) {
    ByteBuffer room = flush() ? rooms.of(packet.end() - packet.start()) : null;
    if (room == null) {
      return false;
    }
    put(room, packet);
    return true;
  }

  /** Adds a frame of ours, and behind it where the client is. */
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

  /** Adds the marker that the last events share; to be called before anything is sent. */
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

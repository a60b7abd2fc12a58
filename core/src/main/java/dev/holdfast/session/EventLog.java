package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The packets of a session for its client, as one sequence of frames. Events carry offsets, as
 * arguments or in markers. Confined to its session.
 *
 * <ul>
 *   <li>A packet is appended whole or not at all, directly followed by its marker if it needs one.
 *   <li>Offsets grow with positions, and the last event has the last one.
 *   <li>What was sent keeps its position. So do CONNECT replies, replays, and all before them.
 *   <li>Only sent packets are released, the oldest first.
 * </ul>
 */
final class EventLog {
  /**
   * Maximum bytes of small events that share one marker: a TCP segment, which is seldom split by a
   * disconnect.
   */
  static final int MARKER_RUN = 1200;

  private final Offsets offsets;
  private final boolean arguments;
  private final Calls calls;
  private final IntFunction<@Nullable ByteBuffer> shortage;
  private final PartialPacket part;
  private Spool spool;
  private int missingAttachments;
  private boolean silent;

  /** Counts events and CONNECT replies. A client that missed one names an earlier offset. */
  private long counter = -1;

  private int unmarked;
  private long events;

  /** Position up to which nothing is merged. */
  private long fixedTo;

  /** Creates an empty log; {@code shortage} finds room if the pool has none, or null. */
  EventLog(
      Offsets offsets,
      OffsetStyle style,
      BufferPool pool,
      Calls calls,
      IntFunction<@Nullable ByteBuffer> shortage) {
    this.offsets = offsets;
    this.arguments = style == OffsetStyle.ARGUMENT;
    this.silent = style == OffsetStyle.MARKER_AFTER_RESUME;
    this.calls = calls;
    this.shortage = shortage;
    this.spool = new Spool(pool, 0);
    this.part = new PartialPacket(pool);
  }

  /** Appends a packet's text or its next attachment. Returns false if there is no room. */
  boolean append(Message message, SocketPacketHeader header, int missing) {
    boolean first = missingAttachments == 0;
    missingAttachments = missing;
    if (first && missing == 0) {
      return whole(message, header);
    }
    if (first) {
      part.begin(message, header);
    }
    return part.append(message) && (missing > 0 || completed());
  }

  private boolean whole(Message message, SocketPacketHeader header) {
    if (header.type() != SocketPacketType.EVENT || !header.rootNamespace()) {
      // Without an offset, it only keeps its place in the order.
      return flush() && put(message, 0);
    }
    boolean call = header.ackId() != SocketPacketHeader.NO_ACK;
    if (arguments && !call && Offsets.canTakeArgument(message, header.json())) {
      return withArgument(message);
    }
    int length = message.end() - message.start();
    if (call) {
      calls.asked(header.ackId(), message.buffer(), message.start(), message.end());
    }
    boolean fits = unmarked + length <= MARKER_RUN;
    boolean kept = (fits || flush()) && marked(message, length);
    return kept && ((!call && !arguments && unmarked <= MARKER_RUN) || mark());
  }

  private boolean withArgument(Message event) {
    ByteBuffer room = room(event.length() + offsets.argumentRoom());
    if (room == null) {
      return false;
    }
    countEvent();
    offsets.writeArgument(room, event, counter);
    spool.added();
    return true;
  }

  private boolean marked(Message event, int length) {
    int spare = offsets.markerRoom();
    // A block may be sent and confirmed on its own, so it ends with a marker.
    boolean marked = unmarked == 0 || spool.fits(length + spare) || mark();
    boolean kept = marked && put(event, spare);
    if (kept) {
      countEvent();
      unmarked += length;
    }
    return kept;
  }

  /** Appends an unchanged packet, and leaves spare room in its block. */
  private boolean put(Message packet, int spare) {
    int length = packet.end() - packet.start();
    ByteBuffer room = room(length + spare);
    if (room == null) {
      return false;
    }
    room.put(room.position(), packet.buffer(), packet.start(), length);
    room.position(room.position() + length);
    spool.added();
    return true;
  }

  private boolean completed() {
    boolean takesArgument = arguments && part.canTakeArgument();
    int offset = takesArgument ? offsets.argumentRoom() : offsets.markerRoom();
    ByteBuffer room = flush() ? room(part.bytes() + offset) : null;
    if (room == null) {
      return false;
    }
    if (part.isEvent()) {
      countEvent();
    }
    int start = room.position();
    if (takesArgument) {
      part.moveText(room, offsets, counter);
    }
    part.moveTo(room);
    if (part.isCall()) {
      calls.asked(part.ackId(), room, start, room.position());
    }
    spool.added();
    return takesArgument || !part.isEvent() || mark();
  }

  private @Nullable ByteBuffer room(int length) {
    ByteBuffer room = spool.room(length);
    return room == null ? shortage.apply(length) : room;
  }

  private void countEvent() {
    events++;
    spool.mark(++counter);
  }

  /** Appends a CONNECT reply, followed by a marker if the client gets any. */
  boolean appendReply(byte[] frame) {
    Message reply = new Message().ofFrame(ByteBuffer.wrap(frame), false);
    if (!flush() || !put(reply, offsets.markerRoom())) {
      return false;
    }
    continueFrom(counter + 1);
    boolean marked = mark();
    fixedTo = spool.end();
    return marked;
  }

  /** Appends a marker with the last offset, if the client gets any. */
  boolean mark() {
    ByteBuffer room = silent ? null : room(offsets.markerRoom());
    if (room != null) {
      offsets.writeMarker(room, counter);
      spool.added();
    }
    boolean marked = silent || room != null;
    unmarked = marked ? 0 : unmarked;
    return marked;
  }

  /** Appends the marker that the last events share. Called before anything is sent. */
  boolean flush() {
    return unmarked == 0 || mark();
  }

  /** Returns the number of events appended since the last call. */
  long takeEvents() {
    long taken = events;
    events = 0;
    return taken;
  }

  /** Continues with this as the last offset. */
  void continueFrom(long last) {
    counter = last;
    spool.mark(counter);
  }

  /** Continues after a replay that takes the place of all packets and contains the last offset. */
  void replaceBy(Spool replay, long last) {
    spool.clear();
    spool = replay;
    fixedTo = replay.end();
    silent = false;
    continueFrom(last);
  }

  /**
   * Merges events that no transport was given. Returns how many were merged into later ones; 0 if
   * there is no memory for it.
   */
  long compact(Compactor compactor, BufferPool pool) {
    long from = Math.max(spool.cursor(), fixedTo);
    return arguments ? new Compaction(spool, from, offsets, compactor).run(pool) : 0;
  }

  /** Returns the number of attachments that the last packet still lacks. */
  int missingAttachments() {
    return missingAttachments;
  }

  /** Forgets the packet that still lacks attachments. */
  void forgetPart() {
    missingAttachments = 0;
    part.clear();
  }

  /** Returns the bytes, of which the sent ones are before the cursor. */
  Spool spool() {
    return spool;
  }

  /** Returns whether the client gets no offsets yet. */
  boolean isSilent() {
    return silent;
  }

  /** Returns the last offset. */
  long counter() {
    return counter;
  }
}

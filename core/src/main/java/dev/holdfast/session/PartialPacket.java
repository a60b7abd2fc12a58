package dev.holdfast.session;

import dev.holdfast.memory.BlockQueue;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A packet whose attachments have not all arrived. It enters the log only with all of them.
 * Confined to its log.
 */
final class PartialPacket {
  private final BlockQueue frames;
  private boolean event;
  private long ackId;
  private boolean canTakeArgument;
  private int textBytes;

  PartialPacket(BufferPool pool) {
    this.frames = new BlockQueue(pool);
  }

  /** Begins with the text of a packet, which {@link #append} adds. */
  void begin(Message text, SocketPacketHeader header) {
    event = header.rootNamespace() && header.type() == SocketPacketType.BINARY_EVENT;
    ackId = event ? header.ackId() : SocketPacketHeader.NO_ACK;
    canTakeArgument = event && !isCall() && Offsets.canTakeArgument(text, header.json());
    textBytes = text.end() - text.start();
  }

  /** Appends a frame. Returns false if there is no memory. */
  boolean append(Message message) {
    boolean kept = frames.append(message.buffer(), message.start(), message.end());
    frames.commit();
    return kept;
  }

  /** Returns whether this is an event in the namespace "/". */
  boolean isEvent() {
    return event;
  }

  /** Returns whether this is such an event with an acknowledgement id. */
  boolean isCall() {
    return ackId != SocketPacketHeader.NO_ACK;
  }

  long ackId() {
    return ackId;
  }

  /** Returns whether its offset may be its last argument. */
  boolean canTakeArgument() {
    return canTakeArgument;
  }

  int bytes() {
    return (int) frames.bytes();
  }

  /** Moves the text to a buffer, with its offset as the last argument. */
  void moveText(ByteBuffer target, Offsets offsets, long counter) {
    ByteBuffer head = Objects.requireNonNull(frames.head());
    ByteBuffer text = head.slice(head.position(), textBytes);
    offsets.writeArgument(target, new Message().ofFrame(text, false), counter);
    head.position(head.position() + textBytes);
    frames.taken();
  }

  /** Moves all frames that are left to a buffer. */
  void moveTo(ByteBuffer target) {
    for (ByteBuffer head = frames.head(); head != null; head = frames.head()) {
      target.put(head);
      frames.taken();
    }
  }

  void clear() {
    frames.clear();
  }
}

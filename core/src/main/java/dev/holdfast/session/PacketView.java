package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.session.PacketStage.Direction;

/** The text of a packet as a stage sees it, without its attachments. Copy bytes to keep them. */
public final class PacketView {
  /** Takes the place of a packet before the first one. Sessions without packets share it. */
  private static final Message NO_MESSAGE = new Message();

  private final Direction direction;
  private SocketPacketHeader header = new SocketPacketHeader();
  private Message message = NO_MESSAGE;

  PacketView(Direction direction) {
    this.direction = direction;
  }

  PacketView of(Message packet, SocketPacketHeader of) {
    message = packet;
    header = of;
    return this;
  }

  /** Returns the way of the packet, never {@link Direction#BOTH}. */
  public Direction direction() {
    return direction;
  }

  /** Returns the text, which begins with the Engine.IO type. */
  public Message message() {
    return message;
  }

  /** Returns the packet's type. */
  public SocketPacketType type() {
    return header.type();
  }

  /** Returns the namespace without its query. */
  public String namespace() {
    return header.namespace(message);
  }

  /** Returns the number of attachments that follow the text. */
  public int attachments() {
    return header.attachments();
  }

  /** Returns the offset of the JSON in the text. */
  public int json() {
    return header.json();
  }
}

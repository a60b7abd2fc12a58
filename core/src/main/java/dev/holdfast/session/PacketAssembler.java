package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Assembles an upstream's messages into packets. Confined to its owner. */
final class PacketAssembler {
  /** A packet with its attachments. */
  static final class Packet {
    private final SocketPacketType type;
    private final boolean root;
    private final boolean call;
    private final int json;

    /** The text, followed by the attachments. */
    private final byte[] payload;

    /** The original frames. */
    private final List<byte[]> frames;

    private Packet(SocketPacketHeader header, byte[] payload, List<byte[]> frames) {
      this.type = header.type();
      this.root = header.rootNamespace();
      this.call = header.ackId() != SocketPacketHeader.NO_ACK;
      this.json = header.json();
      this.payload = payload;
      this.frames = frames;
    }

    /** Returns the fingerprint; empty if the packet cannot arrive over two links. */
    Optional<Fingerprint> print() {
      boolean event = type == SocketPacketType.EVENT || type == SocketPacketType.BINARY_EVENT;
      return event && root && !call ? Optional.of(Fingerprint.of(payload, json)) : Optional.empty();
    }

    boolean is(SocketPacketType wanted) {
      return root && type == wanted;
    }

    /** Returns the text of a packet without attachments. */
    byte[] text() {
      return payload;
    }

    /** Returns the original messages. */
    Run run() {
      return new Run(frames);
    }
  }

  /** An unchanged packet that is to be forwarded. */
  record Run(List<byte[]> frames) {
    int bytes() {
      return frames.stream().mapToInt(frame -> frame.length).sum();
    }
  }

  /** Processes a message. */
  interface Each {
    void message(Message message) throws ProtocolException;
  }

  private final SocketPacketHeader header = new SocketPacketHeader();
  private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
  private List<byte[]> frames = new ArrayList<>();
  private int missing;

  /** Adds a message. Returns the packet that it completes, if any. */
  Optional<Packet> add(Message message) throws ProtocolException {
    if (message.text()) {
      header.read(message);
      forgetPart();
      missing = header.attachments();
    } else if (missing == 0) {
      // The rest of a packet whose beginning was not seen.
      return Optional.empty();
    } else {
      missing--;
    }
    payload.writeBytes(message.bytes(0));
    byte[] frame = new byte[message.end() - message.start()];
    message.buffer().get(message.start(), frame);
    frames.add(frame);
    return missing > 0 ? Optional.empty() : Optional.of(take());
  }

  private Packet take() {
    Packet packet = new Packet(header, payload.toByteArray(), frames);
    forgetPart();
    return packet;
  }

  /** Returns whether a packet lacks attachments. */
  boolean hasPart() {
    return missing > 0;
  }

  private void forgetPart() {
    missing = 0;
    payload.reset();
    frames = new ArrayList<>();
  }

  /** Passes the messages of a packet to {@code each}. */
  static void each(Packet packet, Each each) throws ProtocolException {
    each(packet.run(), each);
  }

  /** Passes the messages of a run to {@code each}. */
  static void each(Run run, Each each) throws ProtocolException {
    boolean text = true;
    for (byte[] frame : run.frames()) {
      each.message(new Message().ofFrame(ByteBuffer.wrap(frame), false).as(0, text));
      text = false;
    }
  }
}

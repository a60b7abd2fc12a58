package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Appends packets to a log, and reads what it keeps. */
final class LogPackets {
  /**
   * A packet as it stands in a log.
   *
   * @param text without the offset
   * @param offset of the packet itself; -1 if none
   */
  record Kept(String text, long offset, long position, long end) {}

  private static final SocketPacketHeader HEADER = new SocketPacketHeader();

  private LogPackets() {}

  /** Appends a packet, with an attachment if it announces one. */
  static void append(EventLog log, String packet) {
    try {
      Message text = new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
      HEADER.read(text);
      int missing = HEADER.attachments();
      boolean kept = log.append(text, HEADER, missing);
      if (missing > 0) {
        kept &= log.append(attachment(), HEADER, 0);
      }
      if (!kept) {
        throw new AssertionError("no room for " + packet);
      }
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private static Message attachment() {
    ByteBuffer frame = ByteBuffer.allocate(5);
    FrameHeader.write(frame, Opcode.BINARY, 3);
    frame.put("att".getBytes(UTF_8));
    return new Message().at(frame, 0, 2, 5).as(0, false);
  }

  /** What the log keeps, but for markers. */
  static List<Kept> kept(EventLog log, Offsets offsets) {
    List<Kept> kept = new ArrayList<>();
    Spool spool = log.spool();
    EventLogReader.visit(
        spool,
        spool.start(),
        spool.end(),
        entry -> {
          if (!entry.isMarker()) {
            String text = new String(entry.packet().bytes(0), UTF_8);
            long offset = entry.offset(offsets);
            String plain = offset < 0 ? text : text.replaceFirst(",\"tag\\.\\d+\"]$", "]");
            kept.add(new Kept(plain, offset, entry.position(), entry.endPosition()));
          }
        });
    return kept;
  }

  /** Sends the next block. */
  static void send(EventLog log) {
    log.flush();
    if (log.spool().unsent() != null) {
      log.spool().sent();
    }
  }
}

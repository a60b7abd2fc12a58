package dev.holdfast.wire;

import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.fuzz.Parser;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/** The reading half of a WebSocket. */
public final class WireParsers {
  private static final int MAX_MESSAGE = 1_000_000;

  private WireParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(frames(), closeFrame());
  }

  private static Parser frames() {
    return Parser.of(
            "frames",
            input -> read(input, Integer.MAX_VALUE, new SplittableRandom(0)),
            (input, random) -> {
              String whole = read(input, Integer.MAX_VALUE, random);
              require(whole.equals(read(input, 9, random)), "the pieces do not matter");
            })
        .seeds(
            frame(0x80 | Opcode.TEXT, "42[\"hello\"]"),
            joined(frame(Opcode.TEXT, "42[\"é"), frame(0x80 | Opcode.CONTINUATION, "€\"]")),
            joined(frame(Opcode.TEXT, "4"), frame(0x80 | Opcode.PING, "p"), frame(0x80, "2[]")),
            joined(frame(0x80 | Opcode.BINARY, "b".repeat(200)), frame(0x80 | Opcode.TEXT, "2")),
            frame(0x80 | Opcode.CLOSE, "\u0003\u00e8bye"))
        .tokens("\u0001", "\u0002", "\0", "\t", "~", "\u007f", "\0\0\0\0", "é", "42[]");
  }

  private static byte[] frame(int first, String text) {
    byte[] payload = text.getBytes(UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + payload.length);
    FrameHeader.writeMasked(frame, first & 0x0F, payload.length, 0x01020304);
    int from = frame.position();
    frame.put(payload).put(0, (byte) first);
    Mask.apply(frame, from, frame.position(), 0x01020304);
    byte[] bytes = new byte[frame.position()];
    frame.get(0, bytes);
    return bytes;
  }

  private static byte[] joined(byte[]... frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : frames) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }

  /** What is handed over, and why it ends. */
  private static String read(byte[] input, int largest, SplittableRandom random) {
    BufferPool pool = new BufferPool(1L << 30);
    StringBuilder events = new StringBuilder();
    Inbound inbound =
        new Inbound(
            new WebSocket.Limits(pool, MAX_MESSAGE, (frames, bytes) -> {}), true, to(events));
    int at = 0;
    try {
      while (at < input.length) {
        ByteBuffer target = inbound.target();
        int most = Math.min(target.remaining(), input.length - at);
        int count = largest > most ? most : Math.min(most, 1 + random.nextInt(largest));
        inbound.took(target.put(input, at, count), count);
        at += count;
      }
    } catch (ProtocolException refused) {
      events.append(refused.getMessage());
    }
    inbound.close();
    require(pool.taken() == 0, "all buffers are back");
    return events.toString();
  }

  private static Inbound.FrameListener to(StringBuilder events) {
    return new Inbound.FrameListener() {
      @Override
      public void message(Message message) {
        events.append(message.text()).append(latin(message.bytes(0))).append('\n');
      }

      @Override
      public void control(FrameHeader header, ByteBuffer buffer) {
        events.append(header.opcode()).append(' ').append(header.length()).append('\n');
      }

      @Override
      public void batchEnd() {}

      @Override
      public boolean isReading() {
        return true;
      }
    };
  }

  private static Parser closeFrame() {
    return Parser.of(
            "close-frame",
            input -> CloseFrame.read(ByteBuffer.wrap(input)),
            (input, random) -> {
              CloseFrame frame = CloseFrame.read(ByteBuffer.wrap(input));
              require(
                  frame.code() == CloseCode.NO_STATUS || CloseCode.mayBeSent(frame.code()),
                  "its code may be on the wire");
              require(frame.reason().length() <= input.length, "its reason is no longer");
            },
            "")
        .seeds(new byte[] {3, (byte) 0xe8, 'b', 'y', 'e'}, new byte[] {0xf, (byte) 0xa0})
        .tokens("\u0003", "\u000f", "é", "€", "bye");
  }
}

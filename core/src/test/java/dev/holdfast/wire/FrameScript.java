package dev.holdfast.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Opcode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Frames as words, so that a test reads as what is on the wire.
 *
 * <pre>
 *   text:hello   +text:he cont:llo   bin#0102   ping:   close:1000   close#03e8   raw#8100
 * </pre>
 *
 * {@code +} leaves a message unfinished, {@code #} begins hexadecimal bytes, {@code x{126}}
 * repeats, {@code raw} is no frame but the very bytes.
 */
final class FrameScript {
  private static final List<String> NAMES =
      List.of("cont", "text", "bin", "", "", "", "", "", "close", "ping", "pong");
  private static final Pattern WORD = Pattern.compile("(\\+?)([a-z]+)([:#])([^{]*)(?:\\{(\\d+)})?");
  private static final int KEY = 0x37FA213D;
  private static final int LONGEST_WORD = 60;

  private FrameScript() {}

  /** The bytes that a client sends for a script. */
  static byte[] bytes(String script) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String word : script.trim().split(" +", -1)) {
      Matcher match = WORD.matcher(word);
      if (!match.matches()) {
        throw new IllegalArgumentException("no word of a script: " + word);
      }
      byte[] payload = payload(match);
      if (match.group(2).equals("raw")) {
        bytes.writeBytes(payload);
      } else {
        bytes.writeBytes(frame(NAMES.indexOf(match.group(2)), payload, match.group(1).isEmpty()));
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] payload(Matcher match) {
    String text = match.group(4);
    byte[] unit;
    if (match.group(3).equals("#")) {
      unit = HexFormat.of().parseHex(text);
    } else if (match.group(2).equals("close") && !text.isEmpty()) {
      unit = ByteBuffer.allocate(2).putShort((short) Integer.parseInt(text)).array();
    } else {
      unit = text.getBytes(UTF_8);
    }
    int times = match.group(5) == null ? 1 : Integer.parseInt(match.group(5));
    ByteBuffer payload = ByteBuffer.allocate(unit.length * times);
    for (int i = 0; i < times; i++) {
      payload.put(unit);
    }
    return payload.array();
  }

  private static byte[] frame(int opcode, byte[] payload, boolean fin) {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + payload.length);
    FrameHeader.writeMasked(frame, opcode, payload.length, KEY);
    int from = frame.position();
    frame.put(payload);
    Mask.apply(frame, from, frame.position(), KEY);
    if (!fin) {
      frame.put(0, (byte) (frame.get(0) & 0x7F));
    }
    byte[] bytes = new byte[frame.position()];
    frame.get(0, bytes);
    return bytes;
  }

  /** The word for a frame that a server sent; the reason of a close is left out. */
  static String word(FrameHeader header, byte[] payload) {
    String name = (header.fin() ? "" : "+") + NAMES.get(header.opcode());
    if (header.opcode() == Opcode.CLOSE) {
      return name + ":" + (payload.length == 0 ? "" : code(payload));
    }
    if (payload.length > LONGEST_WORD) {
      return header.opcode() == Opcode.BINARY
          ? name + "#" + HexFormat.of().toHexDigits(payload[0]) + "{" + same(payload) + "}"
          : name + ":" + (char) payload[0] + "{" + same(payload) + "}";
    }
    return header.opcode() == Opcode.BINARY
        ? name + "#" + HexFormat.of().formatHex(payload)
        : name + ":" + new String(payload, UTF_8);
  }

  private static int code(byte[] payload) {
    int code = ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    if (!CloseCode.mayBeSent(code)) {
      throw new AssertionError("on the wire is the close code " + code);
    }
    return code;
  }

  private static int same(byte[] payload) {
    for (byte each : payload) {
      if (each != payload[0]) {
        throw new AssertionError("a long payload of different bytes");
      }
    }
    return payload.length;
  }
}

package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar of a Socket.IO packet's header a second time, as a pattern. */
final class SocketPacketGrammar {
  private static final List<SocketPacketType> TYPES =
      List.of(
          SocketPacketType.CONNECT,
          SocketPacketType.DISCONNECT,
          SocketPacketType.EVENT,
          SocketPacketType.ACK,
          SocketPacketType.CONNECT_ERROR,
          SocketPacketType.BINARY_EVENT,
          SocketPacketType.BINARY_ACK);
  private static final Pattern PACKET =
      Pattern.compile(
          ".(?:([0-4])|([56])(0*+\\d{1,4}+)-)(?:(/[^,]*+),?+)?+(0*+\\d{0,15}+)(?!\\d)"
              + "([ \\t\\r\\n]*+)(.*)",
          Pattern.DOTALL);

  private SocketPacketGrammar() {}

  private static Matcher match(byte[] bytes) {
    return PACKET.matcher(new String(bytes, ISO_8859_1));
  }

  static boolean matches(byte[] bytes) {
    Matcher match = match(bytes);
    if (!match.matches()) {
      return false;
    }
    String json = match.group(7);
    if (match.group(2) != null) {
      return json.startsWith("[");
    }
    boolean apart = match.group(5).isEmpty() || !match.group(6).isEmpty();
    return switch (match.group(1)) {
      case "0", "1", "4" ->
          json.matches(apart ? "(?s)([-0-9{\\[\"tfnNI].*)?" : "(?s)([{\\[\"tfnNI].*)?");
      default -> json.startsWith("[");
    };
  }

  /** Whether a header says what the grammar says. */
  static boolean describes(byte[] bytes, SocketPacketHeader header) {
    Matcher match = match(bytes);
    if (!match.matches()) {
      return false;
    }
    String type = match.group(1) == null ? match.group(2) : match.group(1);
    String json = match.group(7);
    String namespace = match.group(4) == null ? "/" : match.group(4).replaceFirst("(?s)\\?.*", "");
    return header.type() == TYPES.get(Integer.parseInt(type))
        && header.attachments() == (match.group(3) == null ? 0 : Integer.parseInt(match.group(3)))
        && header.rootNamespace() == namespace.equals("/")
        && header.ackId() == (match.group(5).isEmpty() ? -1 : Long.parseLong(match.group(5)))
        && header.json() == bytes.length - json.length();
  }
}

package dev.holdfast;

import dev.holdfast.protocol.TextFrame;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Socket.IO client on a {@link RawSockets} connection, for addresses other than 127.0.0.1. */
final class RawWebSocket {
  private static final Pattern REPLY = Pattern.compile("\"sid\":\"([^\"]+)\",\"pid\":\"([^\"]+)\"");
  private static final int TEXT = 0x81;
  private static final int CLOSE = 0x88;
  private static final int SHORT = 125;
  private static final String UPGRADE =
      """
      GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r
      Host: h\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  private final Socket socket;
  private final DataInputStream in;
  private String sid = "";
  private String pid = "";

  private RawWebSocket(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** Opens a transport, and reads the status of the answer, which is 101 if it is open. */
  static RawWebSocket open(Socket socket) throws IOException {
    return opened(RawSockets.send(socket, UPGRADE));
  }

  /** The same for a polling session, with the first packet of its upgrade right behind. */
  static RawWebSocket probing(Socket socket, String sid) throws IOException {
    String head = UPGRADE.replace("transport=websocket", "transport=websocket&sid=" + sid);
    String probe = new String(TextFrame.masked("2probe"), StandardCharsets.ISO_8859_1);
    return opened(RawSockets.send(socket, head + probe));
  }

  private static RawWebSocket opened(Socket socket) throws IOException {
    RawWebSocket opened = new RawWebSocket(socket);
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) opened.in.readUnsignedByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError(head);
    }
    return opened;
  }

  /** Connects with this token, to the session of this pid if it is not empty. */
  RawWebSocket connect(String token, String wanted) throws IOException {
    String request = wanted.isEmpty() ? "" : ",\"pid\":\"" + wanted + "\"";
    socket
        .getOutputStream()
        .write(TextFrame.masked("40{\"token\":\"" + token + "\"" + request + "}"));
    Matcher reply = REPLY.matcher("");
    while (!reply.find()) {
      reply = REPLY.matcher(message());
    }
    sid = reply.group(1);
    pid = reply.group(2);
    return this;
  }

  String sid() {
    return sid;
  }

  String pid() {
    return pid;
  }

  /** The next text, or code and reason of a close frame. */
  String message() throws IOException {
    int kind = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    byte[] payload = new byte[length > SHORT ? in.readUnsignedShort() : length];
    in.readFully(payload);
    String text = new String(payload, StandardCharsets.UTF_8);
    if (kind == CLOSE) {
      int code = Byte.toUnsignedInt(payload[0]) << Byte.SIZE | Byte.toUnsignedInt(payload[1]);
      return code + " " + text.substring(2);
    }
    if (kind != TEXT) {
      throw new AssertionError("neither text nor close: " + kind);
    }
    return text;
  }

  /** The connection breaks. */
  void lose() throws IOException {
    socket.close();
  }
}

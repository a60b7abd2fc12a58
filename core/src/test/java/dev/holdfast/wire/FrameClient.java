package dev.holdfast.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.StringJoiner;

/** A WebSocket client on a plain socket that sends what a test says, right or wrong. */
final class FrameClient implements Closeable {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final String HANDSHAKE =
      """
      GET / HTTP/1.1\r
      Host: a\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  private final Socket socket;
  private final InputStream in;
  private final FrameHeader header = new FrameHeader();

  FrameClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    socket.getOutputStream().write(HANDSHAKE.getBytes(US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    if (!head.toString().contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) {
      throw new IOException("no WebSocket: " + head);
    }
  }

  /** Sends bytes in pieces of at most this size. */
  void send(byte[] bytes, int piece) throws IOException {
    for (int from = 0; from < bytes.length; from += piece) {
      socket.getOutputStream().write(bytes, from, Math.min(piece, bytes.length - from));
    }
  }

  /** The next frames as a {@link FrameScript}; after a close nothing may come but the end. */
  String receive(int frames) throws IOException, ProtocolException {
    StringJoiner script = new StringJoiner(" ");
    for (int i = 0; i < frames; i++) {
      script.add(frame());
    }
    if (header.opcode() == Opcode.CLOSE && in.read() >= 0) {
      throw new IOException("something follows a close frame");
    }
    return script.toString();
  }

  private String frame() throws IOException, ProtocolException {
    ByteBuffer head = ByteBuffer.allocate(FrameHeader.MAX_BYTES);
    while (!header.read(head, 0, head.position(), false)) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("the connection ended instead of a frame");
      }
      head.put((byte) octet);
    }
    return FrameScript.word(header, in.readNBytes((int) header.length()));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package dev.holdfast.injection;

import dev.holdfast.protocol.TextFrame;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client's connection to a node. Whoever waits on it in vain gets a timeout. */
final class Peer implements Closeable {
  /** Far less than any deadline of the node: what is silent for so long is silent for ever. */
  private static final int TIMEOUT_MILLIS = 4_000;

  private static final int SHORT = 125;
  private static final int LONG = 127;

  private final Socket socket;
  private final DataInputStream in;

  Peer(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** With a receive buffer of so many bytes. */
  Peer(InetSocketAddress address, int buffer) throws IOException {
    socket = new Socket();
    socket.setReceiveBufferSize(buffer);
    socket.connect(address);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** Characters are bytes. */
  Peer send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** A frame with this text. */
  Peer frame(String text) throws IOException {
    socket.getOutputStream().write(TextFrame.masked(text));
    return this;
  }

  /** The next frame, whatever it is. */
  String frame() throws IOException {
    in.readUnsignedByte();
    int length = in.readUnsignedByte();
    int bytes =
        length <= SHORT ? length : length < LONG ? in.readUnsignedShort() : (int) in.readLong();
    return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** Reads frames up to one that begins so. */
  String frameWith(String beginning) throws IOException {
    String frame = frame();
    while (!frame.startsWith(beginning)) {
      String last = frame;
      try {
        frame = frame();
      } catch (EOFException ended) {
        throw new IOException("it ended behind " + last, ended);
      }
    }
    return frame;
  }

  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /** A whole response with a length: its status and its body. */
  String response() throws IOException {
    String head = head();
    String lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length: ");
    if (at < 0) {
      throw new AssertionError("a response without a length: " + head);
    }
    int from = at + "content-length: ".length();
    int length = Integer.parseInt(lower.substring(from, lower.indexOf('\r', from)));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("it was cut off");
    }
    return head.substring(9, 12) + " " + new String(body, StandardCharsets.ISO_8859_1);
  }

  /** Waits for as much as this. */
  Peer skip(String text) throws IOException {
    in.skipNBytes(text.length());
    return this;
  }

  /** All that comes until the connection ends, or is reset. */
  void rest() throws SocketTimeoutException {
    byte[] bin = new byte[8192];
    try {
      int count = in.read(bin);
      while (count >= 0) {
        count = in.read(bin);
      }
    } catch (SocketTimeoutException silent) {
      throw silent;
    } catch (IOException reset) {
      // That is an end, too.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

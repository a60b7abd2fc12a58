package dev.holdfast;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Connections to a node from any loopback address, on which every byte is the test's. */
final class RawSockets implements Closeable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final List<Socket> open = new ArrayList<>();

  Socket connect(TestNode node) throws IOException {
    return connect(node, "127.0.0.1");
  }

  /** From this address, in 127.0.0.0/8. */
  Socket connect(TestNode node, String from) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()));
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  /** Characters are bytes. */
  static Socket send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Status and body of one answer with a length. */
  static String answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("it ended after " + head);
      }
      head.append((char) next);
    }
    String text = head.toString().toLowerCase(Locale.ROOT);
    int at = text.indexOf("content-length: ") + "content-length: ".length();
    int length = Integer.parseInt(text.substring(at, text.indexOf('\r', at)));
    return text.substring(9, 12)
        + " "
        + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  /** Everything until the other side closes. */
  static String all(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Closes all of them. */
  @Override
  public void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }
}

package dev.holdfast.proxy;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One end of a TCP connection that writes and reads exactly the bytes a test says. */
final class RawPeer implements Closeable {
  /** Longer than anything may take; a test that gets here has failed. */
  static final int DEADLINE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  RawPeer(Socket socket) {
    this.socket = socket;
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(DEADLINE_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** From this address, in 127.0.0.0/8. */
  static RawPeer connect(String from, InetSocketAddress address) {
    try {
      InetAddress local = InetAddress.getByName(from);
      return new RawPeer(new Socket(address.getAddress(), address.getPort(), local, 0));
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  /** Characters are bytes. */
  RawPeer send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawPeer send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  /** Everything up to and including the empty line. */
  String head() {
    return until("\r\n\r\n");
  }

  /** Everything up to and including this. */
  String until(String end) {
    StringBuilder text = new StringBuilder();
    while (text.length() < end.length()
        || !end.contentEquals(text.subSequence(text.length() - end.length(), text.length()))) {
      int b = read();
      if (b < 0) {
        throw new AssertionError("connection ended after: " + text);
      }
      text.append((char) b);
    }
    return text.toString();
  }

  String exactly(int count) {
    try {
      byte[] bytes = in.readNBytes(count);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  /** All that comes until the other side closes. */
  String rest() {
    var bytes = new ByteArrayOutputStream();
    for (int b = read(); b >= 0; b = read()) {
      bytes.write(b);
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /** The body of a response with a content length, behind this head. */
  String body(String head) {
    return exactly(Integer.parseInt(header(head, "Content-Length")));
  }

  /** A response with a content length: its head and its body. */
  String response() {
    String head = head();
    return head + body(head);
  }

  /** The value of a header; empty if there is none. */
  static String header(String head, String name) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private int read() {
    try {
      return in.read();
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  /** Whether the connection ends, by FIN or RST, before anything comes. */
  boolean ends() {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  /** Whether it ends with a reset. */
  boolean isReset() {
    try {
      in.read();
      return false;
    } catch (java.net.SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  Socket socket() {
    return socket;
  }

  RawPeer shutdownOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  /** Ends with a reset instead of a FIN. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }
}

package dev.holdfast.injection;

import dev.holdfast.EchoUpstream;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * An upstream: sessions go on to an {@link EchoUpstream}, and what it answers to the rest says the
 * path. Each connection has a thread of its own.
 */
final class Backend implements Closeable {
  /** More than sockets and blocks hold. */
  static final int LARGE = 8 << 20;

  private final EchoUpstream sessions = new EchoUpstream();
  private final ServerSocket server;

  Backend() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("upstream-accept", this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  private static void start(String name, Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException | InterruptedException closed) {
                // So did the other side, or the test.
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket socket = server.accept();
      start(
          "upstream-connection",
          () -> {
            try (socket) {
              socket.setTcpNoDelay(true);
              serve(socket, new BufferedInputStream(socket.getInputStream()));
            }
          });
    }
  }

  private void serve(Socket socket, InputStream in) throws IOException, InterruptedException {
    String head = head(in);
    while (!head.isEmpty()) {
      if (head.contains("/socket.io")) {
        passOn(socket, in, head);
        return;
      }
      answer(socket.getOutputStream(), in, head);
      head = head(in);
    }
  }

  private void passOn(Socket socket, InputStream in, String head) throws IOException {
    InetSocketAddress address = sessions.address();
    try (Socket there = new Socket(address.getAddress(), address.getPort())) {
      there.getOutputStream().write(bytes(head));
      start("upstream-back", () -> copy(there.getInputStream(), socket));
      copy(in, there);
    }
  }

  private static void copy(InputStream from, Socket to) throws IOException {
    try (to) {
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[8192];
      int count = from.read(bytes);
      while (count >= 0) {
        out.write(bytes, 0, count);
        count = from.read(bytes);
      }
    }
  }

  private static void answer(OutputStream out, InputStream in, String head)
      throws IOException, InterruptedException {
    if (head.contains("Expect: ") || head.contains("expect: ")) {
      out.write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    if (head.startsWith("GET /tunnel")) {
      out.write(bytes("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello"));
      byte[] bytes = new byte[8192];
      int count = in.read(bytes);
      while (count >= 0 && bytes[0] != '!') {
        out.write(bytes, 0, count);
        count = in.read(bytes);
      }
      throw new IOException("the tunnel ends");
    }
    skipBody(in, head);
    if (head.startsWith("GET /large")) {
      out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n"));
      out.write(new byte[LARGE]);
    } else if (head.startsWith("GET /chunked")) {
      out.write(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
      out.write(bytes("2\r\nde\r\n0\r\n\r\n"));
    } else if (head.startsWith("GET /cut")) {
      out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"));
      throw new IOException("cut off");
    } else if (head.startsWith("GET /gone")) {
      throw new IOException("no answer");
    } else {
      if (head.startsWith("GET /slow")) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":true}"));
    }
  }

  private static void skipBody(InputStream in, String head) throws IOException {
    String lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length: ");
    if (at >= 0) {
      int from = at + "content-length: ".length();
      in.skipNBytes(Integer.parseInt(lower.substring(from, lower.indexOf('\r', from))));
    } else if (lower.contains("transfer-encoding: chunked")) {
      until(in, "0\r\n\r\n");
    }
  }

  /** Empty at the end. */
  private static String head(InputStream in) throws IOException {
    return until(in, "\r\n\r\n");
  }

  private static String until(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < end.length()
        || !text.substring(text.length() - end.length()).equals(end)) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      text.append((char) next);
    }
    return text.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    server.close();
    sessions.close();
  }
}

package dev.holdfast;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sends the same text on each connection, and then nothing more. */
public final class StallingServer implements Closeable {
  private final ServerSocket listening;
  private final List<Socket> accepted = new CopyOnWriteArrayList<>();

  private StallingServer(ServerSocket listening) {
    this.listening = listening;
  }

  /** Starts a server that sends this text. */
  public static StallingServer saying(String text) throws IOException {
    StallingServer server =
        new StallingServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread thread = new Thread(() -> server.serve(text), "stalling-server");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private void serve(String text) {
    try {
      while (true) {
        Socket socket = listening.accept();
        accepted.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  /** Where it listens. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : accepted) {
      socket.close();
    }
  }
}

package dev.holdfast;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Passes bytes to an address until it is cut. */
final class TcpRelay implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  private final List<Socket> ends = new ArrayList<>();
  private final InetSocketAddress target;
  private volatile boolean silent;

  TcpRelay(InetSocketAddress target) throws IOException {
    this.target = target;
    run(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void run(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException cut) {
                // As it should be.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      if (silent) {
        synchronized (ends) {
          ends.add(client);
        }
        continue;
      }
      Socket server = new Socket(target.getAddress(), target.getPort());
      synchronized (ends) {
        ends.add(client);
        ends.add(server);
      }
      run(() -> client.getInputStream().transferTo(server.getOutputStream()));
      run(() -> server.getInputStream().transferTo(client.getOutputStream()));
    }
  }

  /** Resets what is open; others may come. */
  void cut() throws IOException {
    synchronized (ends) {
      for (Socket end : ends) {
        end.setSoLinger(true, 0);
        end.close();
      }
      ends.clear();
    }
  }

  /** Resets what is open; others may come, and hear nothing. */
  void fallSilent() throws IOException {
    silent = true;
    cut();
  }

  /** Resets what is open; nobody can come. */
  void refuse() throws IOException {
    listener.close();
    cut();
  }

  @Override
  public void close() throws IOException {
    refuse();
  }
}

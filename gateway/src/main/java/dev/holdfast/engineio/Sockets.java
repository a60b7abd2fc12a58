package dev.holdfast.engineio;

import dev.holdfast.session.CloseReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The open Engine.IO sessions by their sid. Thread-safe. */
public final class Sockets {
  private static final byte[] NOTHING = new byte[0];

  private final RandomIds secrets;
  private final ConcurrentHashMap<String, EngineSocket> bySid = new ConcurrentHashMap<>();

  /** Payloads for clients that have still to be told that their session is over. */
  private final ConcurrentHashMap<String, byte[]> closing = new ConcurrentHashMap<>();

  private final AtomicInteger emptying = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();

  Sockets(RandomIds secrets) {
    this.secrets = secrets;
  }

  String newSid() {
    return secrets.sid();
  }

  long nextNumber() {
    return numbers.incrementAndGet();
  }

  void opened(EngineSocket socket) {
    bySid.put(socket.sid(), socket);
  }

  /** Keeps the end for a client that polls, behind a payload that may be empty. */
  void keepClose(EngineSocket socket, byte[] rest, Duration kept) {
    String sid = socket.sid();
    closing.put(sid, rest);
    socket.timers().after(kept, () -> closing.remove(sid));
  }

  /**
   * What a GET for a session that is over is answered with: what is left, then once the close;
   * empty if the client was told already.
   */
  Optional<byte[]> takeClosing(String sid) {
    byte[] rest = closing.get(sid);
    if (rest != null && rest.length > 0 && closing.replace(sid, rest, NOTHING)) {
      return Optional.of(rest);
    }
    return closing.remove(sid) == null ? Optional.empty() : Optional.of(PollingCarrier.CLOSE);
  }

  Optional<EngineSocket> find(String sid) {
    return Optional.ofNullable(bySid.get(sid));
  }

  void closed(EngineSocket socket) {
    bySid.remove(socket.sid());
  }

  /** Open sessions, and those that are over and still pass on what one side has sent. */
  public int size() {
    return bySid.size() + emptying.get();
  }

  /** A session is over, and what one side has sent is still passed on. */
  public void emptying() {
    emptying.incrementAndGet();
  }

  /** All of that has been passed on. */
  public void emptied() {
    emptying.decrementAndGet();
  }

  /** Open sessions of clients that came to this node. */
  public int clients() {
    return clientSockets().size();
  }

  private List<EngineSocket> clientSockets() {
    return bySid.values().stream().filter(it -> !it.isFromNode()).toList();
  }

  /**
   * Closes the sessions of all clients that came to this node, spread evenly over the window so
   * that they do not come back elsewhere all at once.
   */
  public void drain(Duration window) {
    close(clientSockets(), window, socket -> socket.leave(CloseReason.DRAINED));
  }

  /** Closes those that are left. */
  public void drainRest() {
    close(List.copyOf(bySid.values()), Duration.ZERO, socket -> socket.fail(CloseReason.DRAINED));
  }

  private static void close(
      List<EngineSocket> closing, Duration window, Consumer<EngineSocket> how) {
    for (int i = 0; i < closing.size(); i++) {
      EngineSocket socket = closing.get(i);
      socket
          .timers()
          .after(window.multipliedBy(i).dividedBy(closing.size()), () -> how.accept(socket));
    }
  }
}

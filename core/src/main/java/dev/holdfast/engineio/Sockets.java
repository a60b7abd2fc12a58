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

  /** Payloads for polling clients that have not received the close of their session. */
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

  /** Keeps the close for a polling client's next GET, after a payload that may be empty. */
  void keepClose(EngineSocket socket, byte[] rest, Duration kept) {
    String sid = socket.sid();
    closing.put(sid, rest);
    socket.timers().after(kept, () -> closing.remove(sid));
  }

  /**
   * Returns the response to a GET for a closed session: first the remaining payload, then the
   * close, each once; empty if neither is left.
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

  /**
   * Returns the number of open sessions, and of closed ones whose remaining data is still being
   * passed on.
   */
  public int size() {
    return bySid.size() + emptying.get();
  }

  /** Counts a closed session whose remaining data is still being passed on. */
  public void emptying() {
    emptying.incrementAndGet();
  }

  /** Records that the remaining data of a closed session has been passed on. */
  public void emptied() {
    emptying.decrementAndGet();
  }

  /** Returns the number of open sessions of clients that connected to this node. */
  public int clients() {
    return clientSockets().size();
  }

  private List<EngineSocket> clientSockets() {
    return bySid.values().stream().filter(it -> !it.isFromNode()).toList();
  }

  /**
   * Closes the sessions of all clients that connected to this node, spread evenly over the window
   * so that they do not all reconnect at once.
   */
  public void drain(Duration window) {
    close(clientSockets(), window, socket -> socket.leave(CloseReason.DRAINED));
  }

  /** Closes all remaining sessions. */
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

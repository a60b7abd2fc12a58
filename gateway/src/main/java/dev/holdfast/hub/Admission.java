package dev.holdfast.hub;

import dev.holdfast.cluster.Elsewhere;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who may still come in: open client connections of the process and of each address. Thread-safe.
 */
public final class Admission {
  /** Why a connection is not taken. */
  public enum Refusal {
    /** The node stops. */
    DRAINING("draining"),
    /** {@code limits.connections} */
    CONNECTIONS("connections"),
    /** {@code limits.connections-per-address} */
    CONNECTIONS_PER_ADDRESS("connections-per-address");

    private final String label;

    Refusal(String label) {
      this.label = label;
    }

    /** The value of the label {@code reason}. */
    public String label() {
      return label;
    }
  }

  private final int limit;
  private final int limitPerAddress;
  private final Elsewhere elsewhere;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger ofNodes = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> openByAddress = new ConcurrentHashMap<>();
  private volatile boolean draining;
  private volatile boolean closing;

  /**
   * Takes at most {@code limit} connections, and {@code limitPerAddress} from one address, together
   * with those at other nodes.
   */
  public Admission(int limit, int limitPerAddress, Elsewhere elsewhere) {
    this.elsewhere = elsewhere;
    this.limit = limit;
    this.limitPerAddress = limitPerAddress;
  }

  /** Counts a connection in; the reason if it is refused. Each one taken must {@link #leave}. */
  public Optional<Refusal> enter(String address) {
    if (draining) {
      return Optional.of(Refusal.DRAINING);
    }
    if (open.incrementAndGet() > limit) {
      open.decrementAndGet();
      return Optional.of(Refusal.CONNECTIONS);
    }
    int ofAddress = openByAddress.merge(address, 1, Integer::sum);
    if (ofAddress + elsewhere.clientsAt(address) > limitPerAddress) {
      leave(address);
      return Optional.of(Refusal.CONNECTIONS_PER_ADDRESS);
    }
    return Optional.empty();
  }

  /** Counts a connection out. */
  public void leave(String address) {
    open.decrementAndGet();
    openByAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  /**
   * Counts a connection of another node in, whose client is counted there: even while this node
   * stops, and as many as there may be clients. The reason if it is refused.
   */
  public Optional<Refusal> enterFromNode() {
    if (ofNodes.incrementAndGet() <= limit) {
      return Optional.empty();
    }
    ofNodes.decrementAndGet();
    return Optional.of(Refusal.CONNECTIONS);
  }

  /** Counts a connection of another node out. */
  public void leaveFromNode() {
    ofNodes.decrementAndGet();
  }

  /** From now on nobody comes in. */
  public void drain() {
    draining = true;
  }

  /** Whether nobody comes in any more. */
  public boolean isDraining() {
    return draining;
  }

  /** From now on nothing should begin that takes its time: the node ends with what is left. */
  public void close() {
    closing = true;
  }

  /** Whether the node ends with what is left. */
  public boolean isClosing() {
    return closing;
  }

  /** Connections that are in. */
  public int open() {
    return open.get();
  }
}

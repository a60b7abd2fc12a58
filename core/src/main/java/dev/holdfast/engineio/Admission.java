package dev.holdfast.engineio;

import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Pool;
import dev.holdfast.memory.Quotas.Resource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * Admits client connections. Addresses and verified users share the connections of the process.
 * Thread-safe.
 */
public final class Admission {
  /** Why a connection is refused. */
  public enum Refusal {
    /** The node is stopping. */
    DRAINING("draining", "this node is stopping; connect to another one"),
    /** {@code limits.connections} */
    CONNECTIONS(
        "connections", "limits.connections is reached, or nearly and the address has half of them"),
    /** {@code limits.connections-per-address} */
    CONNECTIONS_PER_ADDRESS(
        "connections-per-address", "the address has limits.connections-per-address connections");

    private final String label;
    private final String sentence;

    Refusal(String label, String sentence) {
      this.label = label;
      this.sentence = sentence;
    }

    /** Returns the reason in plain text, with the setting that applies. */
    public String sentence() {
      return sentence;
    }

    /** Returns the value of the metric label {@code reason}. */
    public String label() {
      return label;
    }
  }

  /** The result of a request for admission. */
  public sealed interface Entry {}

  /** The connection is refused. */
  public record Refused(Refusal why) implements Entry {}

  /**
   * The connection is admitted.
   *
   * @param holding its share of the quota; empty for a connection of another node, which counts its
   *     own clients
   */
  public record Place(Optional<Holding> holding) implements Entry {}

  private final Pool places;
  private final int limitOfNodes;
  private final Optional<Integer> limitPerAddress;
  private final ToIntFunction<String> remoteClients;
  private final AtomicInteger ofNodes = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> openByAddress = new ConcurrentHashMap<>();
  private volatile boolean draining;
  private volatile boolean closing;

  /**
   * Creates an admission.
   *
   * @param connections how many clients may connect, and how many connections of other nodes
   * @param perAddress how many clients of one address may connect, if limited
   * @param remoteClients how many clients of an address are connected to other nodes
   */
  public Admission(
      int connections,
      Optional<Integer> perAddress,
      Quotas quotas,
      ToIntFunction<String> remoteClients) {
    this.places = quotas.pool(Resource.TRANSPORTS, connections);
    this.limitOfNodes = connections;
    this.limitPerAddress = perAddress;
    this.remoteClients = remoteClients;
  }

  /** Admits a connection. Each place must be returned with {@link #leave}. */
  public Entry enter(Peer peer, String address) {
    if (draining) {
      return new Refused(Refusal.DRAINING);
    }
    int ofAddress =
        openByAddress.merge(address, 1, Integer::sum) + remoteClients.applyAsInt(address);
    boolean tooMany = limitPerAddress.filter(limit -> ofAddress > limit).isPresent();
    Optional<Holding> place = tooMany ? Optional.empty() : places.take(peer, 1);
    if (place.isEmpty()) {
      forget(address);
      return new Refused(tooMany ? Refusal.CONNECTIONS_PER_ADDRESS : Refusal.CONNECTIONS);
    }
    return new Place(place);
  }

  /** Returns the place of a closed connection. */
  public void leave(Place place, String address) {
    if (place.holding().isEmpty()) {
      ofNodes.decrementAndGet();
    } else {
      try {
        place.holding().get().release();
      } finally {
        forget(address);
      }
    }
  }

  private void forget(String address) {
    openByAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  /**
   * Admits a connection of another node, which counts its client. Admits it also while this node is
   * stopping.
   */
  public Entry enterFromNode() {
    if (ofNodes.incrementAndGet() <= limitOfNodes) {
      return new Place(Optional.empty());
    }
    ofNodes.decrementAndGet();
    return new Refused(Refusal.CONNECTIONS);
  }

  /** Returns whether places are short, so that an address that has its share gets no more. */
  public boolean isShort() {
    return places.isShort();
  }

  /** Starts to refuse all new clients. */
  public void drain() {
    draining = true;
  }

  /** Returns whether new clients are refused. */
  public boolean isDraining() {
    return draining;
  }

  /** Marks the final phase of a shutdown, in which nothing lengthy should be started. */
  public void close() {
    closing = true;
  }

  /** Returns whether the node is in the final phase of its shutdown. */
  public boolean isClosing() {
    return closing;
  }
}

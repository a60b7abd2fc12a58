package dev.holdfast.hub;

import dev.holdfast.cluster.RemoteSessions;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Pool;
import dev.holdfast.memory.Quotas.Resource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who may still come in: addresses and verified users share the connections of the process.
 * Thread-safe.
 */
public final class Admission {
  /** Why a connection is not taken. */
  public enum Refusal {
    /** The node stops. */
    DRAINING("draining", "this node is stopping, expected another one to be asked"),
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

    /** For people, with the setting that decides. */
    public String sentence() {
      return sentence;
    }

    /** The value of the label {@code reason}. */
    public String label() {
      return label;
    }
  }

  /** What became of a connection that wants to come in. */
  public sealed interface Entry {}

  /** It is not taken. */
  public record Refused(Refusal why) implements Entry {}

  /**
   * It is in.
   *
   * @param holding what it counts as; empty for one of another node, which counts its clients
   */
  public record Place(Optional<Holding> holding) implements Entry {}

  private final Pool places;
  private final int limitOfNodes;
  private final Optional<Integer> limitPerAddress;
  private final RemoteSessions remoteSessions;
  private final AtomicInteger ofNodes = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> openByAddress = new ConcurrentHashMap<>();
  private volatile boolean draining;
  private volatile boolean closing;

  /**
   * Takes in clients within these limits, and as many connections of other nodes.
   *
   * @param remoteSessions the clients of other nodes
   */
  public Admission(Settings limits, Quotas quotas, RemoteSessions remoteSessions) {
    this.places = quotas.pool(Resource.TRANSPORTS, limits.budgets().connections());
    this.limitOfNodes = limits.budgets().connections();
    this.limitPerAddress = limits.get(LimitKeys.CONNECTIONS_PER_ADDRESS);
    this.remoteSessions = remoteSessions;
  }

  /** Counts a connection in. Each one with a place must {@link #leave}. */
  public Entry enter(Peer peer, String address) {
    if (draining) {
      return new Refused(Refusal.DRAINING);
    }
    int ofAddress =
        openByAddress.merge(address, 1, Integer::sum) + remoteSessions.clientsAt(address);
    boolean tooMany = limitPerAddress.filter(limit -> ofAddress > limit).isPresent();
    Optional<Holding> place = tooMany ? Optional.empty() : places.take(peer, 1);
    if (place.isEmpty()) {
      forget(address);
      return new Refused(tooMany ? Refusal.CONNECTIONS_PER_ADDRESS : Refusal.CONNECTIONS);
    }
    return new Place(place);
  }

  /** Counts a connection out. */
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
   * Counts a connection of another node in, whose client is counted there: even while this node
   * stops.
   */
  public Entry enterFromNode() {
    if (ofNodes.incrementAndGet() <= limitOfNodes) {
      return new Place(Optional.empty());
    }
    ofNodes.decrementAndGet();
    return new Refused(Refusal.CONNECTIONS);
  }

  /** Whether so many are in that an address with its share of them gets no more. */
  public boolean isShort() {
    return places.isShort();
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
}

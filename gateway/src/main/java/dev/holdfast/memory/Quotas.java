package dev.holdfast.memory;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What peers have taken of the process, and whether they may have more. While a resource is plenty
 * a peer may take as much as it likes: an office or a proxy is one address. When it runs short, a
 * peer that holds its share gets no more, and the one that holds most is cut. Thread-safe.
 */
public final class Quotas {
  /** Something of which the process has only so much. */
  public enum Resource {
    /** Bytes of requests' heads that have not come whole. */
    HEAD_BYTES("head-bytes"),
    /** Bytes of polling POSTs' bodies that have not been handled. */
    BODY_BYTES("body-bytes");

    private final String label;

    Resource(String label) {
      this.label = label;
    }

    /** The value of the label {@code resource}. */
    public String label() {
      return label;
    }
  }

  /**
   * An address, or of IPv6 the /64 that one host can use up. Immutable.
   *
   * @param prefix its first 8 bytes, or all 4
   */
  public record Peer(boolean v6, long prefix) {
    /** The peer behind this address. */
    public static Peer of(InetAddress address) {
      ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
      return address instanceof Inet6Address
          ? new Peer(true, bytes.getLong())
          : new Peer(false, bytes.getInt());
    }
  }

  /** From here on the resource is short: a peer that holds its share gets no more. */
  private static final double SHORT = 0.8;

  /** From here on the peer that holds most is cut. */
  private static final double CUT = 0.9;

  /** The part of a resource that one peer may hold when it is short. */
  private static final double SHARE = 0.5;

  private final Map<Resource, Pool> pools = new EnumMap<>(Resource.class);

  /** Quotas of these limits, one for each resource. */
  public Quotas(Map<Resource, Long> limits) {
    limits.forEach((resource, limit) -> pools.put(resource, new Pool(limit)));
  }

  /**
   * Gives the peer so much of a resource, if it may have it.
   *
   * @param cut ends what the peer needs it for; runs on a thread of another peer, and releases the
   *     holding soon
   */
  public Optional<Holding> take(Peer peer, Resource resource, long amount, Runnable cut) {
    Holding holding = new Holding(pool(resource), peer, cut);
    return holding.grow(amount) ? Optional.of(holding) : Optional.empty();
  }

  /** How much of it is taken by all peers. */
  public long taken(Resource resource) {
    return pool(resource).taken();
  }

  /** Where {@link #taken} of each resource can be read, by its label. */
  public Map<String, LongSupplier> gauges() {
    Map<String, LongSupplier> all = new HashMap<>();
    pools.forEach((resource, pool) -> all.put(resource.label(), pool::taken));
    return all;
  }

  private Pool pool(Resource resource) {
    return Objects.requireNonNull(pools.get(resource), resource.label());
  }

  /** A part of a resource that a peer has. Thread-safe. */
  public static final class Holding {
    private final Pool pool;
    private final Peer peer;
    private final Runnable cut;
    private long amount;
    private boolean released;

    private Holding(Pool pool, Peer peer, Runnable cut) {
      this.pool = pool;
      this.peer = peer;
      this.cut = cut;
    }

    /** Takes so much more; false if the peer may not have it, and then it keeps what it has. */
    public boolean grow(long more) {
      Holding victim;
      boolean granted;
      synchronized (pool) {
        granted = !released && pool.grow(this, more);
        victim = pool.victim();
      }
      if (victim != null) {
        victim.cut.run();
      }
      return granted;
    }

    /** Gives all of it back; nothing happens the second time. */
    public void release() {
      synchronized (pool) {
        if (!released) {
          released = true;
          pool.release(this);
        }
      }
    }
  }

  /** Guarded by itself. */
  private static final class Pool {
    private final long limit;
    private final Map<Peer, Taken> peers = new HashMap<>();
    private long taken;

    private Pool(long limit) {
      this.limit = limit;
    }

    private synchronized long taken() {
      return taken;
    }

    private boolean grow(Holding holding, long more) {
      Taken of = peers.computeIfAbsent(holding.peer, peer -> new Taken());
      boolean enough =
          taken + more <= limit * SHORT
              || (taken + more <= limit && of.amount + more <= limit * SHARE);
      if (enough) {
        taken += more;
        of.amount += more;
        holding.amount += more;
        of.holdings.add(holding);
      } else if (of.holdings.isEmpty()) {
        peers.remove(holding.peer);
      }
      return enough;
    }

    private void release(Holding holding) {
      Taken of = peers.get(holding.peer);
      if (of != null && of.holdings.remove(holding)) {
        taken -= holding.amount;
        of.amount -= holding.amount;
        if (of.holdings.isEmpty()) {
          peers.remove(holding.peer);
        }
      }
    }

    /** What is cut now, the oldest of the peer that holds most; it is asked only once. */
    private @Nullable Holding victim() {
      if (taken <= limit * CUT) {
        return null;
      }
      Taken most =
          peers.values().stream().max(Comparator.comparingLong(of -> of.amount)).orElseThrow();
      Holding oldest = most.holdings.iterator().next();
      oldest.released = true;
      release(oldest);
      return oldest;
    }
  }

  /** What one peer has. */
  private static final class Taken {
    private final Set<Holding> holdings = new LinkedHashSet<>();
    private long amount;
  }
}

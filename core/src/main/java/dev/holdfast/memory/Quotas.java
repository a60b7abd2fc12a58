package dev.holdfast.memory;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the resources that peers use, and decides whether they may have more. While a resource is
 * plentiful a peer may take any amount, since an office or a proxy is a single address. When it
 * runs short, a peer that holds its share gets no more, and the largest holder is cut. Thread-safe.
 */
public final class Quotas {
  /** A limited resource of the process. */
  public enum Resource {
    /** Bytes of incomplete request heads. */
    HEAD_BYTES("head-bytes"),
    /** Bytes of bodies of polling POSTs in progress. */
    BODY_BYTES("body-bytes"),
    /** Client connections, from accept on. */
    CONNECTIONS("connections"),
    /** Backend connections that requests and tunnels use. */
    BACKEND_CONNECTIONS("backend-connections"),
    /** Requests queued for a backend connection. */
    BACKEND_QUEUE("backend-queue"),
    /** Requests held until an upstream recovers. */
    HELD_REQUESTS("held-requests"),
    /** Open client transports. */
    TRANSPORTS("transports"),
    /** Sessions whose client is disconnected. */
    PARKED_SESSIONS("parked-sessions");

    private final String label;

    Resource(String label) {
      this.label = label;
    }

    /** Returns the value of the metric label {@code resource}. */
    public String label() {
      return label;
    }
  }

  /** The holder of a resource. */
  public sealed interface Peer {
    /** Returns the peer of this address. */
    static Peer of(InetAddress address) {
      ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
      return address instanceof Inet6Address
          ? new Network(true, bytes.getLong())
          : new Network(false, bytes.getInt());
    }

    /** Returns the peer of this user on any address; the id must be verified. */
    static Peer ofUser(String id) {
      return new User(id);
    }

    /** Returns the peer for trusted proxies, which has no share and is never cut. */
    static Peer exempt() {
      return Exempt.PEER;
    }
  }

  /**
   * An IPv4 address or the /64 of an IPv6 address, all of which one host may use. Immutable.
   *
   * @param prefix its first 8 bytes, or all 4
   */
  private record Network(boolean v6, long prefix) implements Peer {}

  private record User(String id) implements Peer {}

  private enum Exempt implements Peer {
    PEER
  }

  /**
   * Fraction in use above which a resource is short, so that a peer with its share gets no more.
   */
  private static final double SHORT = 0.8;

  /** Fraction in use above which the largest holder is cut. */
  private static final double CUT = 0.9;

  /** Fraction that one peer may hold in a shortage; the rest is a reserve. */
  private static final double SHARE = 0.5;

  private final Map<Resource, Pool> pools = new EnumMap<>(Resource.class);
  private final Map<Resource, Counts> counts = new EnumMap<>(Resource.class);

  /** Creates quotas with these limits, for the resources that the whole process shares. */
  public Quotas(Map<Resource, Long> limits) {
    for (Resource resource : Resource.values()) {
      counts.put(resource, new Counts());
    }
    limits.forEach((resource, limit) -> pools.put(resource, pool(resource, limit)));
  }

  /**
   * Creates a further pool of a resource, such as for one backend. Its use is included in {@link
   * #gauges}.
   */
  public Pool pool(Resource resource, long limit) {
    return new Pool(limit, Objects.requireNonNull(counts.get(resource)));
  }

  /**
   * Takes an amount of a resource, if the peer may have it.
   *
   * @param cut ends the use; runs on a thread of another peer, and must release the holding soon
   */
  public Optional<Holding> take(Peer peer, Resource resource, long amount, Runnable cut) {
    return pool(resource).take(peer, amount, cut);
  }

  /** Returns the amount in use by all peers. */
  public long taken(Resource resource) {
    return count(resource).taken.sum();
  }

  /** Returns whether the resource is short, so that a peer with its share gets no more. */
  public boolean isShort(Resource resource) {
    return pool(resource).isShort();
  }

  /** Returns suppliers of {@link #taken} by resource label. */
  public Map<String, LongSupplier> gauges() {
    return byLabel(resource -> count(resource).taken::sum);
  }

  /** Returns suppliers of the number of cut holdings by resource label. */
  public Map<String, LongSupplier> cuts() {
    return byLabel(resource -> count(resource).cut::sum);
  }

  private static Map<String, LongSupplier> byLabel(Function<Resource, LongSupplier> source) {
    return Arrays.stream(Resource.values()).collect(Collectors.toMap(Resource::label, source));
  }

  private Counts count(Resource resource) {
    return Objects.requireNonNull(counts.get(resource));
  }

  private Pool pool(Resource resource) {
    return Objects.requireNonNull(pools.get(resource), resource.label());
  }

  /** An amount of a resource that a peer holds. Thread-safe. */
  public static final class Holding {
    private final Pool pool;
    private final Peer peer;
    private @Nullable Runnable cut;
    private long amount;
    private boolean released;

    private Holding(Pool pool, Peer peer, @Nullable Runnable cut) {
      this.pool = pool;
      this.peer = peer;
      this.cut = cut;
    }

    /** Takes more; returns false, and keeps the current amount, if the peer may not have it. */
    public boolean grow(long more) {
      Optional<Runnable> victim;
      boolean granted;
      synchronized (pool) {
        granted = !released && pool.grow(this, more);
        victim = pool.victim();
      }
      boolean done = false;
      try {
        victim.ifPresent(Runnable::run);
        done = true;
      } finally {
        // The caller does not learn of the grant, so undo it.
        if (!done && granted) {
          shrink(more);
        }
      }
      return granted;
    }

    private void shrink(long less) {
      synchronized (pool) {
        if (!released) {
          pool.shrink(this, less);
        }
      }
    }

    /** Allows the holding to be cut, see {@link Quotas#take}; possibly at once. */
    public void mayBeCut(Runnable by) {
      Optional<Runnable> victim;
      synchronized (pool) {
        become(by);
        victim = pool.victim();
      }
      victim.ifPresent(Runnable::run);
    }

    /** Protects the holding from being cut. */
    public void keep() {
      synchronized (pool) {
        become(null);
      }
    }

    private void become(@Nullable Runnable by) {
      if (!released) {
        pool.become(this, by);
      }
    }

    /** Releases the whole holding; further calls have no effect. */
    public void release() {
      synchronized (pool) {
        if (!released) {
          pool.release(this);
        }
      }
    }
  }

  /** A limited amount of a resource. Thread-safe; guarded by itself. */
  public static final class Pool {
    private final long limit;
    private final Counts counts;
    private final Map<Peer, Taken> peers = new HashMap<>();

    /** Peers with holdings that may be cut. */
    private final Set<Taken> cuttable = new HashSet<>();

    private long taken;

    private Pool(long limit, Counts counts) {
      this.limit = limit;
      this.counts = counts;
    }

    /** Takes from this pool, see {@link Quotas#take}. */
    public Optional<Holding> take(Peer peer, long amount, Runnable cut) {
      return grown(new Holding(this, peer, cut), amount);
    }

    /** Takes an amount that is not cut. */
    public Optional<Holding> take(Peer peer, long amount) {
      return grown(new Holding(this, peer, null), amount);
    }

    private static Optional<Holding> grown(Holding holding, long amount) {
      return holding.grow(amount) ? Optional.of(holding) : Optional.empty();
    }

    /** Returns whether this pool is short, see {@link Quotas#isShort}. */
    public synchronized boolean isShort() {
      return taken >= part(SHORT);
    }

    /** Returns whether the peer may have this much more now. */
    public synchronized boolean isOpenTo(Peer peer, long more) {
      Taken of = peers.get(peer);
      return taken + more <= part(SHORT)
          || (taken + more <= limit
              && (peer == Exempt.PEER || (of == null ? 0 : of.amount) + more <= part(SHARE)));
    }

    /** Rounds up, so that a limit of 1 allows 1. */
    private long part(double share) {
      return (long) Math.ceil(limit * share);
    }

    private boolean grow(Holding holding, long more) {
      boolean open = isOpenTo(holding.peer, more);
      if (open) {
        Taken of = peers.computeIfAbsent(holding.peer, peer -> new Taken());
        of.holdings.add(holding);
        holding.amount += more;
        count(of, holding, more);
        track(of, holding, holding.cut != null);
      }
      return open;
    }

    private void shrink(Holding holding, long less) {
      if (holding.amount == less) {
        release(holding);
        return;
      }
      Taken of = peers.get(holding.peer);
      if (of != null) {
        count(of, holding, -less);
        holding.amount -= less;
      }
    }

    private void count(Taken of, Holding holding, long more) {
      taken += more;
      counts.taken.add(more);
      of.amount += more;
      if (holding.cut != null) {
        of.cuttableAmount += more;
      }
    }

    private void track(Taken of, Holding holding, boolean mayBeCut) {
      if (mayBeCut) {
        of.cuttable.add(holding);
        cuttable.add(of);
      } else if (of.cuttable.remove(holding) && of.cuttable.isEmpty()) {
        cuttable.remove(of);
      }
    }

    private void become(Holding holding, @Nullable Runnable cut) {
      Taken of = peers.get(holding.peer);
      if (of != null && of.holdings.contains(holding)) {
        count(of, holding, -holding.amount);
        holding.cut = cut;
        count(of, holding, holding.amount);
        track(of, holding, cut != null);
      }
    }

    private void release(Holding holding) {
      holding.released = true;
      Taken of = peers.get(holding.peer);
      if (of != null && of.holdings.remove(holding)) {
        count(of, holding, -holding.amount);
        track(of, holding, false);
        if (of.holdings.isEmpty()) {
          peers.remove(holding.peer);
        }
      }
    }

    /**
     * Selects and releases the oldest cuttable holding of the peer with the largest cuttable
     * amount. A peer with less than the average is never selected.
     */
    private Optional<Runnable> victim() {
      if (taken <= part(CUT)) {
        return Optional.empty();
      }
      Taken exempt = peers.get(Exempt.PEER);
      Optional<Holding> oldest =
          cuttable.stream()
              .filter(of -> of != exempt && of.amount * peers.size() >= taken)
              .max(Comparator.comparingLong(of -> of.cuttableAmount))
              .map(of -> of.cuttable.iterator().next());
      oldest.ifPresent(this::release);
      oldest.ifPresent(cut -> counts.cut.increment());
      return oldest.map(holding -> holding.cut);
    }
  }

  /** Totals over all pools of a resource. */
  private static final class Counts {
    private final LongAdder taken = new LongAdder();
    private final LongAdder cut = new LongAdder();
  }

  /** The holdings of one peer. */
  private static final class Taken {
    private final Set<Holding> holdings = new HashSet<>();

    /** Holdings that may be cut, oldest first. */
    private final Set<Holding> cuttable = new LinkedHashSet<>();

    private long amount;
    private long cuttableAmount;
  }
}

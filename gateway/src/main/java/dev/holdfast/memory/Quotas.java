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
    BODY_BYTES("body-bytes"),
    /** Connections of clients, from their accept on. */
    CONNECTIONS("connections"),
    /** Connections to a backend that requests and tunnels use. */
    BACKEND_CONNECTIONS("backend-connections"),
    /** Requests that wait for such a connection. */
    BACKEND_QUEUE("backend-queue"),
    /** Requests that wait for an upstream to come back. */
    HELD_REQUESTS("held-requests"),
    /** Client transports that are open. */
    TRANSPORTS("transports"),
    /** Sessions whose client is away. */
    PARKED_SESSIONS("parked-sessions");

    private final String label;

    Resource(String label) {
      this.label = label;
    }

    /** The value of the label {@code resource}. */
    public String label() {
      return label;
    }
  }

  /** Who takes something. */
  public sealed interface Peer {
    /** The peer behind this address. */
    static Peer of(InetAddress address) {
      ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
      return address instanceof Inet6Address
          ? new Network(true, bytes.getLong())
          : new Network(false, bytes.getInt());
    }

    /** The user with this id, wherever they are; only for an id that is verified. */
    static Peer ofUser(String id) {
      return new User(id);
    }

    /** A proxy that sends on what others ask for: it has no share, and is never cut. */
    static Peer exempt() {
      return Exempt.PEER;
    }
  }

  /**
   * An address, or of IPv6 the /64 that one host can use up. Immutable.
   *
   * @param prefix its first 8 bytes, or all 4
   */
  private record Network(boolean v6, long prefix) implements Peer {}

  private record User(String id) implements Peer {}

  private enum Exempt implements Peer {
    PEER
  }

  /** From here on the resource is short: a peer that holds its share gets no more. */
  private static final double SHORT = 0.8;

  /** From here on the peer that holds most is cut. */
  private static final double CUT = 0.9;

  /** The part of a resource that one peer may hold when it is short; the rest is a reserve. */
  private static final double SHARE = 0.5;

  private final Map<Resource, Pool> pools = new EnumMap<>(Resource.class);
  private final Map<Resource, Counts> counts = new EnumMap<>(Resource.class);

  /** Quotas of these limits, one for each resource that the whole process shares. */
  public Quotas(Map<Resource, Long> limits) {
    for (Resource resource : Resource.values()) {
      counts.put(resource, new Counts());
    }
    limits.forEach((resource, limit) -> pools.put(resource, pool(resource, limit)));
  }

  /**
   * A further pool of a resource, as for one backend. What is taken of it counts in {@link #gauges}
   * as well.
   */
  public Pool pool(Resource resource, long limit) {
    return new Pool(limit, Objects.requireNonNull(counts.get(resource)));
  }

  /**
   * Gives the peer so much of a resource, if it may have it.
   *
   * @param cut ends what the peer needs it for; runs on a thread of another peer, and releases the
   *     holding soon
   */
  public Optional<Holding> take(Peer peer, Resource resource, long amount, Runnable cut) {
    return pool(resource).take(peer, amount, cut);
  }

  /** How much of it is taken by all peers. */
  public long taken(Resource resource) {
    return count(resource).taken.sum();
  }

  /** Whether so much of it is taken that a peer which holds its share gets no more. */
  public boolean isShort(Resource resource) {
    return pool(resource).isShort();
  }

  /** Where {@link #taken} of each resource can be read, by its label. */
  public Map<String, LongSupplier> gauges() {
    return byLabel(resource -> count(resource).taken::sum);
  }

  /** Where the holdings of each resource that were cut can be read, by its label. */
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

  /** A part of a resource that a peer has. Thread-safe. */
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

    /** Takes so much more; false if the peer may not have it, and then it keeps what it has. */
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
        // Whoever grows does not learn of the grant.
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

    /** From now on it may be cut, as by {@link Quotas#take}; maybe at once. */
    public void mayBeCut(Runnable by) {
      Optional<Runnable> victim;
      synchronized (pool) {
        become(by);
        victim = pool.victim();
      }
      victim.ifPresent(Runnable::run);
    }

    /** From now on it is not cut. */
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

    /** Gives all of it back; nothing happens the second time. */
    public void release() {
      synchronized (pool) {
        if (!released) {
          pool.release(this);
        }
      }
    }
  }

  /** So much of a resource. Thread-safe; guarded by itself. */
  public static final class Pool {
    private final long limit;
    private final Counts counts;
    private final Map<Peer, Taken> peers = new HashMap<>();

    /** Those of them that have something to be cut. */
    private final Set<Taken> cuttable = new HashSet<>();

    private long taken;

    private Pool(long limit, Counts counts) {
      this.limit = limit;
      this.counts = counts;
    }

    /** As {@link Quotas#take} of this pool. */
    public Optional<Holding> take(Peer peer, long amount, Runnable cut) {
      return grown(new Holding(this, peer, cut), amount);
    }

    /** The same for what is not cut. */
    public Optional<Holding> take(Peer peer, long amount) {
      return grown(new Holding(this, peer, null), amount);
    }

    private static Optional<Holding> grown(Holding holding, long amount) {
      return holding.grow(amount) ? Optional.of(holding) : Optional.empty();
    }

    /** As {@link Quotas#isShort} of this pool. */
    public synchronized boolean isShort() {
      return taken >= part(SHORT);
    }

    /** Whether the peer may have so much more now. */
    public synchronized boolean isOpenTo(Peer peer, long more) {
      Taken of = peers.get(peer);
      return taken + more <= part(SHORT)
          || (taken + more <= limit
              && (peer == Exempt.PEER || (of == null ? 0 : of.amount) + more <= part(SHARE)));
    }

    /** Rounded up: of a limit of 1 there is 1 to have. */
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
     * Cuts the oldest of the peer that has most to be cut; it is asked only once. A peer that holds
     * less than others do on average is left alone.
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

  /** Of all pools of a resource. */
  private static final class Counts {
    private final LongAdder taken = new LongAdder();
    private final LongAdder cut = new LongAdder();
  }

  /** What one peer has. */
  private static final class Taken {
    private final Set<Holding> holdings = new HashSet<>();

    /** Those of them that may be cut, the oldest first. */
    private final Set<Holding> cuttable = new LinkedHashSet<>();

    private long amount;
    private long cuttableAmount;
  }
}

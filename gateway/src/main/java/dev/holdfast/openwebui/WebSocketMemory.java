package dev.holdfast.openwebui;

import dev.holdfast.memory.Quotas.Peer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which clients get no WebSocket through their network. Learns it from handshakes that come without
 * {@code Upgrade}, and from pages that were loaded and made no handshake, twice in a row; forgets
 * it with the first WebSocket of the client, and in time. Thread-safe.
 */
final class WebSocketMemory {
  /** A page that makes no handshake may have been closed; two in a row hardly were. */
  private static final int MISSES = 2;

  /** Of one address, which can make up as many as it likes, so that they displace no others. */
  private static final int CLIENTS_OF_ADDRESS = 100;

  /**
   * Who asks.
   *
   * @param user whose token it brings, if that is verified
   * @param network of the address
   * @param agent tells browsers at the same address apart
   */
  record Client(Optional<Peer> user, Peer network, String address, int agent) {
    /** Under which it is known: the user, wherever they are, else the browser. */
    private Key key() {
      return user.map(it -> new Key(it, 0)).orElseGet(this::browser);
    }

    /** As whom it may have come before it brought a token. */
    private Key browser() {
      return new Key(network, agent);
    }

    private Place place() {
      return new Place(address, agent);
    }
  }

  private record Key(Peer peer, int agent) {}

  private record Place(String address, int agent) {}

  /** What is known of a client. */
  private static final class Known {
    private long since;
    private int misses;

    /** A page was loaded at that time, and its handshake has not come. */
    private boolean awaited;

    /** It got no WebSocket through at that time. */
    private boolean without;
  }

  private final long waitNanos;
  private final long memoryNanos;
  private final int limit;
  private final LongSupplier clock;

  /** By peer and agent of the key; what was used last stands last. */
  private final Map<Peer, Map<Integer, Known>> known = ordered();

  /** How many WebSockets are open. */
  private final Map<Place, Integer> open = new HashMap<>();

  private int size;

  /**
   * An empty memory.
   *
   * @param wait how long a page may take to its handshake
   * @param memory how long a client is known to get no WebSocket through
   * @param limit of clients
   * @param clock steady, in nanoseconds
   */
  WebSocketMemory(Duration wait, Duration memory, int limit, LongSupplier clock) {
    this.waitNanos = wait.toNanos();
    this.memoryNanos = memory.toNanos();
    this.limit = limit;
    this.clock = clock;
  }

  private static <K, V> Map<K, V> ordered() {
    return new LinkedHashMap<>(2, 0.75f, true);
  }

  /** Whether the client gets no WebSocket through. */
  synchronized boolean isWithout(Client client) {
    return isWithout(find(client.key())) || isWithout(find(client.browser()));
  }

  private static boolean isWithout(@Nullable Known of) {
    return of != null && of.without;
  }

  /** The client loads a page again; says whether it is known from now on, by its last pages. */
  synchronized boolean loadsAgain(Client client) {
    Known of = find(client.key());
    if (of == null || !of.awaited || clock.getAsLong() - of.since < waitNanos) {
      return false;
    }
    of.awaited = false;
    of.misses++;
    if (of.misses < MISSES) {
      return false;
    }
    of.without = true;
    of.since = clock.getAsLong();
    return true;
  }

  /**
   * The client has loaded a page that tries WebSocket. While one is open from there that says
   * nothing: pages load their configuration at other times, too.
   */
  synchronized void loaded(Client client) {
    if (!open.containsKey(client.place())) {
      Known of = findOrAdd(client.key());
      if (!of.without && !of.awaited) {
        of.awaited = true;
        of.since = clock.getAsLong();
      }
    }
  }

  /** A handshake for a WebSocket came without what makes it one; says whether that is news. */
  synchronized boolean stripped(Client client) {
    Known of = findOrAdd(client.key());
    boolean news = !of.without;
    of.without = true;
    of.since = clock.getAsLong();
    return news;
  }

  /** A handshake for polling came: the page is not waited for. */
  synchronized void polls(Client client) {
    for (Key key : List.of(client.key(), client.browser())) {
      if (!isWithout(find(key))) {
        forget(key);
      }
    }
  }

  /** A handshake for a WebSocket came through. */
  synchronized void gotThrough(Client client) {
    forget(client.key());
    forget(client.browser());
  }

  /** A WebSocket is open until {@link #closed}. */
  synchronized void opened(Client client) {
    open.merge(client.place(), 1, Integer::sum);
  }

  /** A WebSocket that was {@link #opened} is closed. */
  synchronized void closed(Client client) {
    open.computeIfPresent(client.place(), (key, count) -> count == 1 ? null : count - 1);
  }

  /** Clients of which something is known. */
  synchronized int size() {
    return size;
  }

  private @Nullable Known find(Key key) {
    Map<Integer, Known> ofPeer = known.get(key.peer());
    Known of = ofPeer == null ? null : ofPeer.get(key.agent());
    if (of != null && clock.getAsLong() - of.since >= memoryNanos) {
      forget(key);
      return null;
    }
    return of;
  }

  private Known findOrAdd(Key key) {
    Known of = find(key);
    return of == null ? add(key) : of;
  }

  private Known add(Key key) {
    Map<Integer, Known> ofPeer = known.computeIfAbsent(key.peer(), peer -> ordered());
    if (ofPeer.size() >= CLIENTS_OF_ADDRESS) {
      removeEldest(ofPeer);
    }
    Known added = new Known();
    added.since = clock.getAsLong();
    ofPeer.put(key.agent(), added);
    size++;
    if (size > limit) {
      Iterator<Map<Integer, Known>> peers = known.values().iterator();
      Map<Integer, Known> eldest = peers.next();
      removeEldest(eldest);
      if (eldest.isEmpty()) {
        peers.remove();
      }
    }
    return added;
  }

  private void removeEldest(Map<Integer, Known> ofPeer) {
    Iterator<Known> eldest = ofPeer.values().iterator();
    eldest.next();
    eldest.remove();
    size--;
  }

  private void forget(Key key) {
    Map<Integer, Known> ofPeer = known.get(key.peer());
    if (ofPeer != null && ofPeer.remove(key.agent()) != null) {
      size--;
      if (ofPeer.isEmpty()) {
        known.remove(key.peer());
      }
    }
  }
}

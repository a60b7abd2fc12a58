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
 * Remembers which clients' networks block WebSockets. Learns from handshakes without {@code
 * Upgrade}, and from two consecutive page loads without a handshake. A client is forgotten at its
 * first WebSocket, and after some time. Thread-safe.
 */
final class WebSocketMemory {
  /** A page without a handshake may have been closed; two in a row are unlikely to be. */
  private static final int MISSES = 2;

  /** Limit per address, so that invented clients of one address do not displace those of others. */
  private static final int CLIENTS_OF_ADDRESS = 100;

  /**
   * A client.
   *
   * @param user the user of its token, if verified
   * @param network of the address
   * @param agent distinguishes browsers at the same address
   */
  record Client(Optional<Peer> user, Peer network, String address, int agent) {
    /** Returns its key: the user at any address, or else the browser. */
    private Key key() {
      return user.map(it -> new Key(it, 0)).orElseGet(this::browser);
    }

    /** Returns the key under which it may be known from before it had a token. */
    private Key browser() {
      return new Key(network, agent);
    }

    private Place place() {
      return new Place(address, agent);
    }
  }

  private record Key(Peer peer, int agent) {}

  private record Place(String address, int agent) {}

  /** The state of a client. */
  private static final class Known {
    private long since;
    private int misses;

    /** A page was loaded, and its handshake has not arrived. */
    private boolean awaited;

    /** Its network was found to block WebSockets. */
    private boolean without;
  }

  private final long waitNanos;
  private final long memoryNanos;
  private final int limit;
  private final LongSupplier clock;

  /** By peer and agent of the key, in order of last use. */
  private final Map<Peer, Map<Integer, Known>> known = ordered();

  /** Number of open WebSockets. */
  private final Map<Place, Integer> open = new HashMap<>();

  private int size;

  /**
   * Creates an empty memory.
   *
   * @param wait how long a page may take to its handshake
   * @param memory how long a client is remembered
   * @param limit maximum number of clients
   * @param clock a steady clock, in nanoseconds
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

  /** Returns whether the client's network blocks WebSockets. */
  synchronized boolean isWithout(Client client) {
    return isWithout(find(client.key())) || isWithout(find(client.browser()));
  }

  private static boolean isWithout(@Nullable Known of) {
    return of != null && of.without;
  }

  /**
   * Called when the client loads a page again; returns whether its last pages prove that its
   * network blocks WebSockets.
   */
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
   * Records that the client has loaded a page that tries WebSocket. Ignored while a WebSocket is
   * open from there, because pages also load their configuration at other times.
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

  /** Records a WebSocket handshake without its headers; returns whether that is new information. */
  synchronized boolean stripped(Client client) {
    Known of = findOrAdd(client.key());
    boolean news = !of.without;
    of.without = true;
    of.since = clock.getAsLong();
    return news;
  }

  /** Records a polling handshake, so that no WebSocket handshake is awaited. */
  synchronized void polls(Client client) {
    for (Key key : List.of(client.key(), client.browser())) {
      if (!isWithout(find(key))) {
        forget(key);
      }
    }
  }

  /** Records a successful WebSocket handshake. */
  synchronized void gotThrough(Client client) {
    forget(client.key());
    forget(client.browser());
  }

  /** Records an open WebSocket, until {@link #closed}. */
  synchronized void opened(Client client) {
    open.merge(client.place(), 1, Integer::sum);
  }

  /** Records that an {@link #opened} WebSocket has closed. */
  synchronized void closed(Client client) {
    open.computeIfPresent(client.place(), (key, count) -> count == 1 ? null : count - 1);
  }

  /** Returns the number of known clients. */
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

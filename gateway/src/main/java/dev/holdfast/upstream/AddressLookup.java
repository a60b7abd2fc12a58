package dev.holdfast.upstream;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves one host name off the I/O threads and caches its addresses. A failed lookup keeps the
 * addresses of the last successful one. At most one lookup is queued or running. Thread-safe.
 */
final class AddressLookup {
  private static final Logger LOG = LoggerFactory.getLogger(AddressLookup.class);

  private final String host;
  private final int port;
  private final Executor lookups;
  private final Lookup lookup;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final CompletableFuture<Void> lookedUp = new CompletableFuture<>();
  private volatile List<InetSocketAddress> known = List.of();
  private volatile String problem = "not looked up yet";

  /** Whether the last lookup failed, which was logged then. */
  private volatile boolean failing;

  AddressLookup(String host, int port, Executor lookups, Lookup lookup) {
    this.host = host;
    this.port = port;
    this.lookups = lookups;
    this.lookup = lookup;
  }

  /**
   * Returns the addresses of the last successful lookup, the last one that accepted a connection
   * first; empty before the first.
   */
  List<InetSocketAddress> known() {
    return known;
  }

  /** Returns why there are no addresses. */
  String problem() {
    return problem;
  }

  /** Returns a future that completes when the first lookup has finished, successfully or not. */
  CompletableFuture<Void> lookedUp() {
    return lookedUp.copy();
  }

  /** Starts another lookup on the executor unless one is in progress. */
  void refresh() {
    if (looking.compareAndSet(false, true)) {
      boolean begun = false;
      try {
        lookups.execute(this::resolve);
        begun = true;
      } finally {
        if (!begun) {
          // Otherwise no further lookup would ever start.
          looking.set(false);
        }
      }
    }
  }

  /** Moves an address that accepted a connection to the front of the list. */
  void worked(InetSocketAddress address) {
    List<InetSocketAddress> before = known;
    if (!before.isEmpty() && !before.get(0).equals(address) && before.contains(address)) {
      known = reordered(before, address);
    }
  }

  private void resolve() {
    try {
      List<InetSocketAddress> found =
          Stream.of(lookup.all(host)).map(each -> new InetSocketAddress(each, port)).toList();
      List<InetSocketAddress> before = known;
      boolean same = !before.isEmpty() && found.contains(before.get(0));
      known = same ? reordered(found, before.get(0)) : found;
      if (!same || failing) {
        LOG.info("{} is at {}", host, found);
      }
      failing = false;
    } catch (UnknownHostException failed) {
      problem = "host name " + host + " is not known";
      if (!failing) {
        LOG.warn("cannot resolve {}, keeping {}", host, known);
      }
      failing = true;
    } finally {
      looking.set(false);
      lookedUp.complete(null);
    }
  }

  private static List<InetSocketAddress> reordered(
      List<InetSocketAddress> addresses, InetSocketAddress first) {
    List<InetSocketAddress> result = new ArrayList<>(addresses);
    result.remove(first);
    result.add(0, first);
    return List.copyOf(result);
  }

  /** Resolves a host name; blocks. */
  interface Lookup {
    InetAddress[] all(String host) throws UnknownHostException;
  }
}

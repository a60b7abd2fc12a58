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
 * The addresses of one host name, looked up off the I/O threads. When a lookup fails the last good
 * ones stay. At most one lookup runs or waits at a time. Thread-safe.
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

  /** Whether the last lookup failed, which the log has said. */
  private volatile boolean failing;

  AddressLookup(String host, int port, Executor lookups, Lookup lookup) {
    this.host = host;
    this.port = port;
    this.lookups = lookups;
    this.lookup = lookup;
  }

  /** Those of the last good lookup, the one that worked last first; empty before the first. */
  List<InetSocketAddress> known() {
    return known;
  }

  /** Why there are none. */
  String problem() {
    return problem;
  }

  /** Done when the first lookup has ended, however it did. */
  CompletableFuture<Void> lookedUp() {
    return lookedUp.copy();
  }

  /** Looks the name up again on the executor, unless that is already under way. */
  void refresh() {
    if (looking.compareAndSet(false, true)) {
      boolean begun = false;
      try {
        lookups.execute(this::look);
        begun = true;
      } finally {
        if (!begun) {
          // Else nobody would ever look again.
          looking.set(false);
        }
      }
    }
  }

  /** This address took a connection: it is tried first from now on. */
  void worked(InetSocketAddress address) {
    List<InetSocketAddress> before = known;
    if (!before.isEmpty() && !before.get(0).equals(address) && before.contains(address)) {
      known = reordered(before, address);
    }
  }

  private void look() {
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

  /** Looks a name up, blocking. */
  interface Lookup {
    InetAddress[] all(String host) throws UnknownHostException;
  }
}

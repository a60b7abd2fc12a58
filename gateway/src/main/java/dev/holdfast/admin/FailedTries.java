package dev.holdfast.admin;

import dev.holdfast.memory.Quotas.Peer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the wrong tokens of each address within a window that starts with the first one.
 * Thread-safe.
 */
final class FailedTries {
  /**
   * Number of addresses tracked, at some 100 bytes each; beyond that the one with the oldest window
   * is dropped. An attacker with more addresses gains nothing against a token of 128 bits.
   */
  static final int MAX_ADDRESSES = 1024;

  private final int limit;
  private final long window;
  private final LongSupplier nanoTime;
  private final Map<Peer, Tries> failed =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Peer, Tries> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  /** Allows this many tries within a window of this clock. */
  FailedTries(int limit, Duration window, LongSupplier nanoTime) {
    this.limit = limit;
    this.window = window.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Returns how long an address that has used up its tries must wait; zero if it may try. */
  synchronized Duration wait(Peer address) {
    Tries tries = current(address);
    return tries == null || tries.count < limit
        ? Duration.ZERO
        : Duration.ofNanos(tries.began + window - nanoTime.getAsLong());
  }

  /** Records a wrong token from an address. */
  synchronized void failed(Peer address) {
    Tries tries = current(address);
    if (tries == null) {
      tries = new Tries(nanoTime.getAsLong());
      failed.put(address, tries);
    }
    tries.count++;
  }

  /** Returns the number of tracked addresses. */
  synchronized int addresses() {
    return failed.size();
  }

  private @Nullable Tries current(Peer address) {
    Tries tries = failed.get(address);
    if (tries != null && nanoTime.getAsLong() - tries.began >= window) {
      failed.remove(address);
      return null;
    }
    return tries;
  }

  private static final class Tries {
    private final long began;
    private int count;

    private Tries(long began) {
      this.began = began;
    }
  }
}

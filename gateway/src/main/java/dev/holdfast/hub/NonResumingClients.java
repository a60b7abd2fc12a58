package dev.holdfast.hub;

import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.ResumeMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Programs that are given pids and never come back with one: most Socket.IO libraries cannot. Once
 * one has lost three connections and made three others without its pid, its sessions are not parked
 * any more. One that names a pid can resume, and is forgotten here. Thread-safe.
 */
public final class NonResumingClients {
  /** Connections without a pid that prove enough. */
  private static final int CONNECTIONS = 3;

  private static final class History {
    /** Sessions that were parked, and for which no connection has come yet. */
    private int lost;

    /** Connections that came without a pid after one was lost. */
    private int afresh;

    private long lastSeen;
  }

  private final int most;
  private final long keptNanos;
  private final ResumeMetrics metrics;
  private final LongSupplier clock;

  /** By a hash of who it is; the one that was not seen for longest comes first. */
  private final Map<TokenHash, History> histories = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Nobody is known yet.
   *
   * @param clock a steady one, in nanoseconds
   */
  public NonResumingClients(Settings limits, ResumeMetrics metrics, LongSupplier clock) {
    this.most = limits.get(ResumeKeys.NON_RESUMING_CLIENTS);
    this.keptNanos = limits.get(ResumeKeys.NON_RESUMING_TIME).toNanos();
    this.metrics = metrics;
    this.clock = clock;
  }

  /** One client, as far as it can be told apart from others. Thread-safe. */
  public final class Client {
    private final TokenHash key;

    private Client(TokenHash key) {
      this.key = key;
    }

    /** It has connected, and names no pid. */
    public void connectedAfresh() {
      afresh(key);
    }

    /** It names a pid. */
    public void resumes() {
      forget(key);
    }

    /** Whether its session, whose transport is gone, may be parked; counts those that may not. */
    public boolean mayBeParked() {
      return !neverResumes(key);
    }

    /** Its session was parked. */
    public void parked() {
      lost(key);
    }
  }

  /**
   * A client.
   *
   * @param owner its user, its token or else its address
   */
  public Client client(String owner, String userAgent) {
    return new Client(TokenHash.of(owner + '\n' + userAgent));
  }

  private synchronized void lost(TokenHash key) {
    History known = find(key);
    History history = known == null ? new History() : known;
    history.lost++;
    history.lastSeen = clock.getAsLong();
    histories.put(key, history);
    dropEldest();
  }

  private void dropEldest() {
    while (histories.size() > most) {
      histories.remove(histories.keySet().iterator().next());
    }
  }

  private synchronized void afresh(TokenHash key) {
    History history = find(key);
    if (history != null && history.lost > 0) {
      history.lost--;
      history.afresh++;
    }
  }

  private synchronized void forget(TokenHash key) {
    histories.remove(key);
  }

  private synchronized boolean neverResumes(TokenHash key) {
    History history = find(key);
    boolean never = history != null && history.afresh >= CONNECTIONS;
    if (never) {
      metrics.notParked();
    }
    return never;
  }

  /** What is known of a client, which is seen now; null if nothing is. */
  private @Nullable History find(TokenHash key) {
    long now = clock.getAsLong();
    History history = histories.get(key);
    if (history != null && now - history.lastSeen > keptNanos) {
      histories.remove(key);
      return null;
    }
    if (history != null) {
      history.lastSeen = now;
    }
    return history;
  }

  /** Clients that are remembered. */
  synchronized int size() {
    return histories.size();
  }
}

package dev.holdfast.sessions;

import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.ResumeMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes clients that never resume, as most Socket.IO libraries cannot. After a client has lost
 * three connections and opened three others without its pid, its sessions are no longer parked. A
 * client that presents a pid can resume and is removed. Thread-safe.
 */
public final class NonResumingClients {
  /** Number of connections without a pid that is considered proof. */
  private static final int CONNECTIONS = 3;

  private static final class History {
    /** Parked sessions for which no new connection has come yet. */
    private int lost;

    /** Connections without a pid after one was lost. */
    private int afresh;

    private long lastSeen;
  }

  private final int most;
  private final long keptNanos;
  private final ResumeMetrics metrics;
  private final LongSupplier clock;

  /** By a hash of the client's identity, in order of last use. */
  private final Map<TokenHash, History> histories = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Creates an empty instance.
   *
   * @param clock a steady clock, in nanoseconds
   */
  public NonResumingClients(Settings limits, ResumeMetrics metrics, LongSupplier clock) {
    this.most = limits.get(ResumeKeys.NON_RESUMING_CLIENTS);
    this.keptNanos = limits.get(ResumeKeys.NON_RESUMING_TIME).toNanos();
    this.metrics = metrics;
    this.clock = clock;
  }

  /** One client, as far as clients can be distinguished. Thread-safe. */
  public final class Client {
    private final TokenHash key;

    private Client(TokenHash key) {
      this.key = key;
    }

    /** Records a connection without a pid. */
    public void connectedAfresh() {
      afresh(key);
    }

    /** Records a connection with a pid. */
    public void resumes() {
      forget(key);
    }

    /** Returns whether its disconnected session may be parked; counts those that may not. */
    public boolean mayBeParked() {
      return !neverResumes(key);
    }

    /** Records that its session was parked. */
    public void parked() {
      lost(key);
    }
  }

  /**
   * Returns a client.
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

  /** Returns the history of a client and marks it as seen; null if there is none. */
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

  /** Returns the number of remembered clients. */
  synchronized int size() {
    return histories.size();
  }
}

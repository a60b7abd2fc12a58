package dev.holdfast.redis;

import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.metrics.RedisMetrics;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tracks the sessions and handoffs of this node that Redis does not have yet. Only the last of
 * several changes to a session is written. If too many changes are pending, or Redis may have lost
 * data, everything is written again. Changes may come from any thread; {@link #due} belongs to the
 * writer.
 */
final class LocalSessions {
  /** Sessions per command; scripts are limited in the number of their arguments. */
  static final int CHUNK = 1000;

  private static final int MOST_WAITING = 10_000;

  /** How long a change waits for others, to be written with them. */
  private static final long LINGER_NANOS = 20_000_000L;

  private final Self self;
  private final Wakeup wakeup;
  private final RedisMetrics metrics;
  private final HandoffRecords redirects;
  private final Signatures signatures;
  private final RevocationRecords revoked;
  private final Map<String, SessionRecord> all = new ConcurrentHashMap<>();
  private final AtomicLong number = new AtomicLong();
  private final Set<String> waiting = new LinkedHashSet<>();
  private boolean rewrite = true;
  private boolean wrote;

  /** The last revision known to be written, and the hash's length then. */
  private volatile Written written = new Written(0, 0);

  private long rev;

  /** The expected state of a hash of sessions. */
  record Written(long rev, long length) {}

  LocalSessions(
      Self self,
      Wakeup wakeup,
      RedisMetrics metrics,
      HandoffRecords redirects,
      RevocationRecords revoked,
      Signatures signatures) {
    this.revoked = revoked;
    this.signatures = signatures;
    this.redirects = redirects;
    this.self = self;
    this.wakeup = wakeup;
    this.metrics = metrics;
  }

  int size() {
    return all.size();
  }

  /** Returns a copy of the sessions that other nodes know or will soon know. */
  List<SessionRecord> all() {
    return List.copyOf(all.values());
  }

  Written written() {
    return written;
  }

  void written(Written now) {
    written = now;
  }

  /** Called when a full rewrite is complete. */
  void allWritten() {
    if (wrote) {
      metrics.rewritten();
    }
    wrote = true;
  }

  Sessions.Entry open() {
    return new Entry(Long.toString(number.incrementAndGet(), Character.MAX_RADIX));
  }

  private void changed(String id) {
    boolean first;
    synchronized (waiting) {
      first = waiting.isEmpty();
      if (!rewrite) {
        waiting.add(id);
      }
      if (waiting.size() > MOST_WAITING) {
        rewrite = true;
        waiting.clear();
      }
    }
    if (first) {
      wakeup.within(LINGER_NANOS);
    }
  }

  /** Schedules a full rewrite, because Redis may have lost data. */
  void rewrite() {
    synchronized (waiting) {
      rewrite = true;
      waiting.clear();
    }
    redirects.rewrite();
    revoked.rewrite();
    wakeup.now();
  }

  /** Returns the commands to send now. */
  List<PendingCommand> due() {
    List<String> ids;
    boolean whole;
    synchronized (waiting) {
      whole = rewrite;
      rewrite = false;
      ids = whole ? new ArrayList<>(all.keySet()) : some();
      if (!waiting.isEmpty()) {
        wakeup.now();
      }
    }
    List<PendingCommand> due = new ArrayList<>(redirects.due());
    due.addAll(revoked.due());
    if (whole) {
      due.addAll(whole(ids));
    } else if (!ids.isEmpty()) {
      due.add(flush(ids, false, Flush.Notification.CHANGES));
    }
    return due;
  }

  private List<String> some() {
    List<String> ids = new ArrayList<>();
    for (Iterator<String> each = waiting.iterator(); each.hasNext() && ids.size() < CHUNK; ) {
      ids.add(each.next());
      each.remove();
    }
    return ids;
  }

  private List<PendingCommand> whole(List<String> ids) {
    List<PendingCommand> chunks = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(from + CHUNK, ids.size());
      Flush.Notification notification =
          to == ids.size() ? Flush.Notification.REREAD : Flush.Notification.NONE;
      chunks.add(flush(ids.subList(from, to), from == 0, notification));
      from = to;
    } while (from < ids.size());
    return chunks;
  }

  private Flush flush(List<String> ids, boolean reset, Flush.Notification notification) {
    Flush flush = new Flush(self, this, signatures, ++rev, reset, notification);
    for (String id : ids) {
      flush.add(id, all.get(id));
    }
    return flush;
  }

  private final class Entry implements Sessions.Entry {
    private final String id;

    Entry(String id) {
      this.id = id;
    }

    @Override
    public void is(SessionRecord session) {
      if (!session.equals(all.put(id, session))) {
        changed(id);
      }
    }

    @Override
    public void close() {
      if (all.remove(id) != null) {
        changed(id);
      }
    }
  }
}

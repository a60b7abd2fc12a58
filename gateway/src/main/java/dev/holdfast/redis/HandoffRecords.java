package dev.holdfast.redis;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Validity;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.SetParams;

/**
 * Records the nodes that sessions were handed off to, both by and to this node, each for as long as
 * its client may resume. Kept in memory as well, so that they can be rewritten after Redis has lost
 * them. Thread-safe.
 */
final class HandoffRecords {
  private final KeyNames names;
  private final HandoffTrust trust;
  private final Wakeup wakeup;
  private final Duration window;
  private final Map<String, Redirect> all = new LinkedHashMap<>();
  private final Set<String> waiting = new LinkedHashSet<>();

  private record Redirect(NodeId node, Validity validity, long deadline) {
    long millisLeft() {
      return TimeUnit.NANOSECONDS.toMillis(deadline - SteadyClock.nanoTime());
    }
  }

  HandoffRecords(KeyNames names, HandoffTrust trust, Wakeup wakeup, Duration window) {
    this.names = names;
    this.trust = trust;
    this.wakeup = wakeup;
    this.window = window;
  }

  /** Records that the session of the pid with this hash is at that node. */
  void put(String pidHash, NodeId node) {
    synchronized (this) {
      all.remove(pidHash);
      Validity validity = Validity.from(trust.now(), window);
      all.put(pidHash, new Redirect(node, validity, SteadyClock.nanoTime() + window.toNanos()));
      waiting.add(pidHash);
    }
    wakeup.now();
  }

  /** Schedules all records to be written again, because Redis may have lost them. */
  synchronized void rewrite() {
    waiting.addAll(all.keySet());
  }

  /** Returns the commands to send now. */
  synchronized List<PendingCommand> due() {
    dropExpired();
    List<PendingCommand> due = new ArrayList<>();
    for (Iterator<String> each = waiting.iterator(); each.hasNext(); ) {
      String pidHash = each.next();
      Redirect redirect = all.get(pidHash);
      Optional<String> signed =
          Optional.ofNullable(redirect)
              .flatMap(it -> trust.sign(pidHash, it.node(), it.validity()));
      if (redirect != null && signed.isPresent()) {
        due.add(new Written(names.moved(pidHash), signed.get(), redirect));
      }
      if (redirect == null || signed.isPresent()) {
        each.remove();
      }
    }
    return due;
  }

  /** Relies on insertion order, which is by age. */
  private void dropExpired() {
    Iterator<Redirect> each = all.values().iterator();
    while (each.hasNext() && each.next().millisLeft() <= 0) {
      each.remove();
    }
  }

  private static final class Written implements PendingCommand {
    private final String key;
    private final String text;
    private final Redirect redirect;
    private @Nullable Response<String> response;

    Written(String key, String text, Redirect redirect) {
      this.key = key;
      this.text = text;
      this.redirect = redirect;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      SetParams expiry = SetParams.setParams().px(Math.max(1, redirect.millisLeft()));
      response = pipe.set(key, text, expiry);
    }

    @Override
    public void complete() {
      var unused = Replies.of(response);
    }

    @Override
    public void failed() {
      // A failure triggers a full rewrite.
    }
  }
}

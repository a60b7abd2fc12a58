package dev.holdfast.redis;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.time.SteadyClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.SetParams;

/**
 * Where sessions went that this node gave away or took over, each for as long as a client may come
 * back for it. Kept here too, so that they are written again after Redis has lost them.
 * Thread-safe.
 */
final class Redirects {
  private final Wakeup wakeup;
  private final Duration window;
  private final Map<String, Redirect> all = new LinkedHashMap<>();
  private final Set<String> waiting = new LinkedHashSet<>();

  private record Redirect(String node, long deadline) {
    long millisLeft() {
      return TimeUnit.NANOSECONDS.toMillis(deadline - SteadyClock.nanoTime());
    }
  }

  Redirects(Wakeup wakeup, Duration window) {
    this.wakeup = wakeup;
    this.window = window;
  }

  /** From now on this key names that node. */
  void put(String key, NodeId node) {
    synchronized (this) {
      all.remove(key);
      all.put(key, new Redirect(node.value(), SteadyClock.nanoTime() + window.toNanos()));
      waiting.add(key);
    }
    wakeup.now();
  }

  /** What was written may be lost. */
  synchronized void rewrite() {
    waiting.addAll(all.keySet());
  }

  /** What is to be sent now. */
  synchronized List<Exchange> due() {
    dropExpired();
    List<Exchange> due = new ArrayList<>();
    for (String key : waiting) {
      Redirect redirect = all.get(key);
      if (redirect != null) {
        due.add(new Written(key, redirect));
      }
    }
    waiting.clear();
    return due;
  }

  /** The oldest come first. */
  private void dropExpired() {
    Iterator<Redirect> each = all.values().iterator();
    while (each.hasNext() && each.next().millisLeft() <= 0) {
      each.remove();
    }
  }

  private static final class Written implements Exchange {
    private final String key;
    private final Redirect redirect;
    private @Nullable Response<String> response;

    Written(String key, Redirect redirect) {
      this.key = key;
      this.redirect = redirect;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      SetParams expiry = SetParams.setParams().px(Math.max(1, redirect.millisLeft()));
      response = pipe.set(key, redirect.node(), expiry);
    }

    @Override
    public void take() {
      var unused = Replies.of(response);
    }

    @Override
    public void lost() {
      // After a failure everything is written again.
    }
  }
}

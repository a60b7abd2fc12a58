package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.RemoteSessionCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;

/**
 * Tracks the sessions of other nodes. Changes are numbered; if one is missing, all sessions of that
 * node are read. Called by the subscriber and the writer. Thread-safe.
 */
final class RemoteSessionReader {
  private final Self self;
  private final RemoteSessionCounts remoteCounts;
  private final Wakeup wakeup;
  private final SessionTrust trust;
  private final Map<NodeId, Seen> seen = new HashMap<>();
  private final Set<NodeId> unread = new LinkedHashSet<>();
  private final Map<NodeId, Incarnation> there = new HashMap<>();

  /** The last change that was applied. */
  private record Seen(String incarnation, long rev) {}

  RemoteSessionReader(
      Self self, RemoteSessionCounts remoteCounts, Wakeup wakeup, SessionTrust trust) {
    this.trust = trust;
    this.self = self;
    this.remoteCounts = remoteCounts;
    this.wakeup = wakeup;
  }

  /** Applies changes that a node has published. */
  synchronized void apply(NodeId node, String incarnation, long rev, List<String> changes) {
    if (!there.containsKey(node)) {
      return;
    }
    Seen last = seen.get(node);
    if (last == null || !last.incarnation().equals(incarnation) || rev > last.rev() + 1) {
      scheduleRead(node);
    } else if (rev == last.rev() + 1) {
      changes.forEach(line -> apply(node, line));
      seen.put(node, new Seen(incarnation, rev));
    }
  }

  private void apply(NodeId node, String line) {
    int end = line.indexOf(' ');
    if (line.startsWith("+") && end > 0) {
      String id = line.substring(1, end);
      Records.session(line.substring(end + 1)).ifPresent(it -> remoteCounts.put(node, id, it));
    } else if (line.startsWith("-")) {
      remoteCounts.put(node, line.substring(1), null);
    }
  }

  /** Schedules a read of all sessions of a node. */
  synchronized void scheduleRead(NodeId node) {
    if (there.containsKey(node) && unread.add(node)) {
      wakeup.now();
    }
  }

  /** Called when a node is found registered at a beat, with the number of its last change. */
  synchronized void seen(Member node, long rev) {
    if (node.id().equals(self.id())) {
      return;
    }
    there.put(node.id(), node.start());
    Seen last = seen.get(node.id());
    if (last == null || !last.incarnation().equals(node.incarnation()) || rev > last.rev()) {
      scheduleRead(node.id());
    }
  }

  /** Forgets a node that has left. */
  synchronized void forget(NodeId node) {
    there.remove(node);
    seen.remove(node);
    unread.remove(node);
    remoteCounts.forget(node);
  }

  /** Returns the reads to send now. */
  synchronized List<PendingCommand> due() {
    List<PendingCommand> reads = new ArrayList<>();
    unread.forEach(node -> reads.add(new Reading(node)));
    unread.clear();
    return reads;
  }

  private synchronized void read(NodeId node, Map<String, String> fields) {
    String incarnation = fields.get(Scripts.INCARNATION);
    Incarnation start = there.get(node);
    if (incarnation == null || start == null || !start.start().equals(incarnation)) {
      // Left by another start than the registered one; it is read again when the two agree.
      return;
    }
    long rev = Replies.number(fields.get(Scripts.REV));
    Seen last = seen.get(node);
    if (last != null && last.incarnation().equals(incarnation) && last.rev() > rev) {
      return;
    }
    remoteCounts.replace(node, trust.read(start, fields));
    seen.put(node, new Seen(incarnation, rev));
  }

  /** Reads all sessions of a node. */
  private final class Reading implements PendingCommand {
    private final NodeId node;
    private @Nullable Response<Map<String, String>> response;

    Reading(NodeId node) {
      this.node = node;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      response = pipe.hgetAll(self.names().sessions(node));
    }

    @Override
    public void complete() {
      read(node, Replies.of(response));
    }

    @Override
    public void failed() {
      scheduleRead(node);
    }
  }
}

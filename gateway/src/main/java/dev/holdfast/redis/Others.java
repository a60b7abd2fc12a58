package dev.holdfast.redis;

import dev.holdfast.cluster.Board;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;

/**
 * Follows the sessions of other nodes: each of their changes has a number, and when one is missing,
 * all of that node's sessions are read. Told by the subscriber and the writer. Thread-safe.
 */
final class Others {
  private final Self self;
  private final Board board;
  private final Wakeup wakeup;
  private final Map<NodeId, Seen> seen = new HashMap<>();
  private final Set<NodeId> unread = new LinkedHashSet<>();
  private final Set<NodeId> there = new HashSet<>();

  /** The last change that is on the board. */
  private record Seen(String incarnation, long rev) {}

  Others(Self self, Board board, Wakeup wakeup) {
    this.self = self;
    this.board = board;
    this.wakeup = wakeup;
  }

  /** A node tells of changes. */
  synchronized void told(NodeId node, String incarnation, long rev, List<String> changes) {
    if (!there.contains(node)) {
      return;
    }
    Seen last = seen.get(node);
    if (last == null || !last.incarnation().equals(incarnation) || rev > last.rev() + 1) {
      unread(node);
    } else if (rev == last.rev() + 1) {
      changes.forEach(line -> apply(node, line));
      seen.put(node, new Seen(incarnation, rev));
    }
  }

  private void apply(NodeId node, String line) {
    int end = line.indexOf(' ');
    if (line.startsWith("+") && end > 0) {
      String id = line.substring(1, end);
      Records.session(line.substring(end + 1)).ifPresent(it -> board.put(node, id, it));
    } else if (line.startsWith("-")) {
      board.put(node, line.substring(1), null);
    }
  }

  /** All sessions of a node must be read. */
  synchronized void unread(NodeId node) {
    if (there.contains(node) && unread.add(node)) {
      wakeup.now();
    }
  }

  /** A node was seen at a beat, and its changes up to this one were written. */
  synchronized void seen(Member node, long rev) {
    if (node.id().equals(self.id())) {
      return;
    }
    there.add(node.id());
    Seen last = seen.get(node.id());
    if (last == null || !last.incarnation().equals(node.incarnation()) || rev > last.rev()) {
      unread(node.id());
    }
  }

  /** A node is gone. */
  synchronized void gone(NodeId node) {
    there.remove(node);
    seen.remove(node);
    unread.remove(node);
    board.forget(node);
  }

  /** What is to be read now. */
  synchronized List<Exchange> due() {
    List<Exchange> reads = new ArrayList<>();
    unread.forEach(node -> reads.add(new Reading(node)));
    unread.clear();
    return reads;
  }

  private synchronized void read(NodeId node, Map<String, String> fields) {
    String incarnation = fields.get(Scripts.INCARNATION);
    if (incarnation == null || !there.contains(node)) {
      return;
    }
    long rev = Replies.number(fields.get(Scripts.REV));
    Seen last = seen.get(node);
    if (last != null && last.incarnation().equals(incarnation) && last.rev() > rev) {
      return;
    }
    board.replace(node, Records.sessions(fields));
    seen.put(node, new Seen(incarnation, rev));
  }

  /** Reads all sessions of a node. */
  private final class Reading implements Exchange {
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
    public void take() {
      read(node, Replies.of(response));
    }

    @Override
    public void lost() {
      unread(node);
    }
  }
}

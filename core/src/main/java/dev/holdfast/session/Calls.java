package dev.holdfast.session;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's events that await an acknowledgement. A later link counts its ids from the start
 * again. The client sees them above the highest id so far, so that a late answer cannot reach the
 * wrong call. Confined to its session.
 */
final class Calls {
  /** Maximum number of remembered calls. The answer to an older call is dropped. */
  static final int MAX_CALLS = 4096;

  /** Maximum bytes of calls kept for a replay. Calls beyond it are sent only once. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final byte[] NOT_KEPT = {};

  private final Map<Long, byte[]> unanswered = new LinkedHashMap<>(4);
  private long base;

  /** Calls of the client that the upstream has not answered. */
  private int clientAsks;

  private long highest;
  private int bytes;

  /** Creates the calls of a session; {@code first} is added to the ids of its first link. */
  Calls(long first) {
    base = first;
    highest = first - 1;
  }

  /** Returns the id shown to the client for an id of the present link. */
  long shown(long id) {
    return base + id;
  }

  /** Returns the present link's id for an id shown to the client; negative if an older link's. */
  long ofLink(long shown) {
    return shown - base;
  }

  /** Returns whether ids differ between the two sides. */
  boolean isShifted() {
    return base > 0;
  }

  /** Records a call sent to the client, whose frames, with attachments, are in this buffer. */
  void asked(long shown, ByteBuffer frames, int from, int to) {
    highest = Math.max(highest, shown);
    byte[] packet = bytes + to - from <= MAX_BYTES ? new byte[to - from] : NOT_KEPT;
    frames.get(from, packet);
    forget(unanswered.put(shown, packet));
    bytes += packet.length;
    if (unanswered.size() > MAX_CALLS) {
      Iterator<byte[]> oldest = unanswered.values().iterator();
      forget(oldest.next());
      oldest.remove();
    }
  }

  private void forget(byte @Nullable [] packet) {
    bytes -= packet == null ? 0 : packet.length;
  }

  /** Records the client's answer. Returns false if the call was answered before or is unknown. */
  boolean answered(long shown) {
    byte[] packet = unanswered.remove(shown);
    forget(packet);
    return packet != null;
  }

  boolean isUnanswered(long shown) {
    return unanswered.containsKey(shown);
  }

  /** Returns the packets that can be replayed, oldest first, except those of the given ids. */
  List<byte[]> askedBefore(Set<Long> inPlace) {
    return unanswered.entrySet().stream()
        .filter(call -> call.getValue().length > 0 && !inPlace.contains(call.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Records a call of the client. */
  void clientAsked() {
    clientAsks++;
  }

  /** Records an answer of the upstream. */
  void clientAnswered() {
    clientAsks = Math.max(0, clientAsks - 1);
  }

  /** Returns whether the upstream awaits an answer. */
  boolean areUnanswered() {
    return !unanswered.isEmpty();
  }

  /** Returns whether either side awaits an answer, which only the present link can carry. */
  boolean areOpen() {
    return clientAsks > 0 || !unanswered.isEmpty();
  }

  /** Returns the highest id shown to the client; below its first id if none. */
  long highest() {
    return highest;
  }

  /** Returns the ids of the calls that await the client's answer. */
  List<Long> waiting() {
    return List.copyOf(unanswered.keySet());
  }

  /** Restores the calls from the session's former node. They cannot be replayed here. */
  void adopt(long highestShown, List<Long> waiting) {
    highest = highestShown;
    waiting.forEach(id -> unanswered.put(id, NOT_KEPT));
  }

  /** Forgets every call of a lost link. Their answers are not awaited any more. */
  void relinked() {
    unanswered.clear();
    clientAsks = 0;
    bytes = 0;
    base = highest + 1;
  }
}

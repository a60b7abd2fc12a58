package dev.holdfast.session;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's events that want an answer and have none. A later link counts its ids from the
 * start again, so they are shown to the client above the highest that it has seen: a late answer
 * cannot reach the wrong call. Confined to its session.
 */
final class Calls {
  /** Calls that are remembered; the answer to an older one is dropped. */
  static final int MAX_CALLS = 4096;

  /** Bytes of calls that can be asked again; more are asked only once. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final byte[] NOT_KEPT = {};

  private final Map<Long, byte[]> unanswered = new LinkedHashMap<>(4);
  private long base;

  /** Questions of the client that the upstream has not answered. */
  private int clientAsks;

  private long highest;
  private int bytes;

  /** Calls of a session; {@code first} is added to the ids of its first link. */
  Calls(long first) {
    base = first;
    highest = first - 1;
  }

  /** The id that the client is shown for one of the present link. */
  long shown(long id) {
    return base + id;
  }

  /** The present link's id for one that the client was shown; negative if it is an older link's. */
  long ofLink(long shown) {
    return shown - base;
  }

  /** Whether ids differ on the two sides. */
  boolean isShifted() {
    return base > 0;
  }

  /** A call goes to the client; {@code packet} are its frames, with attachments. */
  void asked(long shown, byte[] packet) {
    highest = Math.max(highest, shown);
    boolean kept = bytes + packet.length <= MAX_BYTES;
    forget(unanswered.put(shown, kept ? packet : NOT_KEPT));
    bytes += kept ? packet.length : 0;
    if (unanswered.size() > MAX_CALLS) {
      Iterator<byte[]> oldest = unanswered.values().iterator();
      forget(oldest.next());
      oldest.remove();
    }
  }

  private void forget(byte @Nullable [] packet) {
    bytes -= packet == null ? 0 : packet.length;
  }

  /** The client answers; false if the call has been answered, or is none of ours. */
  boolean answered(long shown) {
    byte[] packet = unanswered.remove(shown);
    forget(packet);
    return packet != null;
  }

  boolean isUnanswered(long shown) {
    return unanswered.containsKey(shown);
  }

  /** The packets that can be asked again, oldest first, but for those that are in their place. */
  List<byte[]> askedBefore(Set<Long> inPlace) {
    return unanswered.entrySet().stream()
        .filter(call -> call.getValue().length > 0 && !inPlace.contains(call.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** The client asks the upstream something. */
  void clientAsked() {
    clientAsks++;
  }

  /** The upstream answers the client. */
  void clientAnswered() {
    clientAsks = Math.max(0, clientAsks - 1);
  }

  /** Whether the upstream waits for an answer. */
  boolean areUnanswered() {
    return !unanswered.isEmpty();
  }

  /** Whether either side waits for an answer, which only the present link can bring. */
  boolean areOpen() {
    return clientAsks > 0 || !unanswered.isEmpty();
  }

  /** The highest id that the client was shown; below its first if none. */
  long highest() {
    return highest;
  }

  /** The calls that wait for the client's answer. */
  List<Long> waiting() {
    return List.copyOf(unanswered.keySet());
  }

  /** Goes on with the calls of a session's former node, which cannot be asked again here. */
  void adopt(long highestShown, List<Long> waiting) {
    highest = highestShown;
    waiting.forEach(id -> unanswered.put(id, NOT_KEPT));
  }

  /** The link is gone: nobody waits for answers any more. */
  void relinked() {
    unanswered.clear();
    clientAsks = 0;
    bytes = 0;
    base = highest + 1;
  }
}

package dev.holdfast.redis;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import dev.holdfast.cluster.Validity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Signs handoffs and verifies those read from Redis, which a third party may have forged or
 * replayed. Because clocks differ, a handoff made up to 30 s before the newest one cannot be
 * recognized as older. Thread-safe.
 */
final class HandoffTrust {
  /** Sessions whose last handoff is remembered; the least recently used is evicted. */
  private static final int MOST = 10_000;

  private static final String ORIGIN = "the registry of handoffs";

  private final SignedTexts texts;
  private final LongSupplier millis;

  /** When the newest handoff of each session was made, by the hash of its pid. */
  private final Map<String, Long> newest =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST;
        }
      };

  /**
   * @param millis the wall clock, in milliseconds since 1970
   */
  HandoffTrust(Supplier<Optional<Keyring>> keys, RejectionLog refusals, LongSupplier millis) {
    this.texts = new SignedTexts(Signed.MOVE, keys, refusals);
    this.millis = millis;
  }

  /** Returns the wall clock time, in milliseconds since 1970. */
  long now() {
    return millis.getAsLong();
  }

  /** Returns a signed handoff record for Redis; empty until the key is known. */
  Optional<String> sign(String pidHash, NodeId to, Validity validity) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("pid", pidHash);
    values.put("node", to.value());
    values.put("issued", Long.toString(validity.issued()));
    values.put("expires", Long.toString(validity.expires()));
    return texts.sign(QueryString.encode(values));
  }

  /** Returns the node that a session was handed off to; empty if the record is not valid. */
  Optional<NodeId> read(String pidHash, String signed) {
    return texts
        .read(signed, ORIGIN)
        .map(QueryString::decode)
        .flatMap(values -> node(pidHash, values));
  }

  private Optional<NodeId> node(String pidHash, Map<String, String> values) {
    Validity validity =
        new Validity(Replies.number(values.get("issued")), Replies.number(values.get("expires")));
    Optional<RejectionLog.Reason> problem =
        pidHash.equals(values.get("pid"))
            ? validity.problem(now()).or(() -> replayed(pidHash, validity.issued()))
            : Optional.of(RejectionLog.Reason.FOREIGN);
    problem.ifPresent(reason -> texts.refused(reason, ORIGIN));
    return problem.isPresent() ? Optional.empty() : NodeId.named(values.getOrDefault("node", ""));
  }

  private synchronized Optional<RejectionLog.Reason> replayed(String pidHash, long issued) {
    long before = newest.getOrDefault(pidHash, issued);
    // Allows for the clocks of the two nodes that made the handoffs.
    if (before - issued > Validity.CLOCKS.toMillis()) {
      return Optional.of(RejectionLog.Reason.REPLAYED);
    }
    newest.put(pidHash, Math.max(before, issued));
    return Optional.empty();
  }
}

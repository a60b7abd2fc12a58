package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells registrations that a node has made from those that somebody else has written, changed, kept
 * for too long or put back. A node's registrations follow each other by the start of its process
 * and the time at which each was made. Thread-safe.
 */
final class RegistrationTrust {
  private final SignedTexts texts;
  private final LongSupplier millis;
  private final Map<NodeId, Last> last = new HashMap<>();

  /**
   * The newest registration of a node.
   *
   * @param until no older one is believed after that, as its own time is over
   * @param left whether the node has said that it goes
   */
  private record Last(RegistrationRecord record, long until, boolean left) {
    /** Whether another registration of the node is older than this one. */
    boolean isNewerThan(RegistrationRecord other) {
      boolean sameStart = other.started() == record.started();
      return other.started() < record.started()
          || (sameStart && left)
          || (sameStart && other.validity().issued() < record.validity().issued());
    }
  }

  /**
   * @param millis the time of day, in milliseconds since 1970
   */
  RegistrationTrust(Supplier<Optional<Keyring>> keys, RejectionLog refusals, LongSupplier millis) {
    this.texts = new SignedTexts(Signed.REGISTRATION, keys, refusals);
    this.millis = millis;
  }

  /** The time of day, in milliseconds since 1970. */
  long now() {
    return millis.getAsLong();
  }

  /** A registration as it stands in Redis; empty until the key is known. */
  Optional<String> sign(RegistrationRecord record) {
    return texts.sign(record.text());
  }

  /** The registration that stands in Redis under this name, if a node of the name has signed it. */
  Optional<RegistrationRecord> read(String name, String signed) {
    Optional<RegistrationRecord> record =
        texts.read(signed, origin(name)).flatMap(RegistrationRecord::of);
    if (record.isPresent() && !record.get().member().id().value().equals(name)) {
      texts.refused(RejectionLog.Reason.FOREIGN, origin(name));
      return Optional.empty();
    }
    return record;
  }

  /** Whether it is its time, and none that is newer was seen. */
  synchronized boolean isCurrent(RegistrationRecord record) {
    NodeId node = record.member().id();
    long now = now();
    last.values().removeIf(each -> now > each.until());
    Last before = last.get(node);
    Optional<RejectionLog.Reason> problem =
        record
            .validity()
            .problem(now)
            .or(
                () ->
                    before != null && before.isNewerThan(record)
                        ? Optional.of(RejectionLog.Reason.REPLAYED)
                        : Optional.empty());
    if (problem.isPresent()) {
      texts.refused(problem.get(), origin(node.value()));
      return false;
    }
    long until = record.validity().over();
    last.put(
        node, new Last(record, before == null ? until : Math.max(until, before.until()), false));
    return true;
  }

  /** A node has said that it goes: none of its registrations so far counts any more. */
  synchronized void left(Incarnation start) {
    last.computeIfPresent(
        start.node(),
        (node, each) ->
            each.record().member().start().equals(start)
                ? new Last(each.record(), each.until(), true)
                : each);
  }

  private static String origin(String name) {
    // Anybody may have written the name.
    return "node " + NodeId.named(name).map(NodeId::value).orElse("(no name of a node)");
  }
}

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
 * Signs registrations and verifies those read from Redis, which a third party may have forged,
 * altered, kept past their expiry or replayed. A node's registrations are ordered by the start of
 * its process and their time of issue. Thread-safe.
 */
final class RegistrationTrust {
  private final SignedTexts texts;
  private final LongSupplier millis;
  private final Map<NodeId, Last> last = new HashMap<>();

  /**
   * The newest registration of a node.
   *
   * @param until when older registrations have expired by themselves
   * @param left whether the node has announced that it leaves
   */
  private record Last(RegistrationRecord record, long until, boolean left) {
    /** Returns whether this registration supersedes the other one. */
    boolean isNewerThan(RegistrationRecord other) {
      boolean sameStart = other.started() == record.started();
      return other.started() < record.started()
          || (sameStart && left)
          || (sameStart && other.validity().issued() < record.validity().issued());
    }
  }

  /**
   * @param millis the wall clock, in milliseconds since 1970
   */
  RegistrationTrust(Supplier<Optional<Keyring>> keys, RejectionLog refusals, LongSupplier millis) {
    this.texts = new SignedTexts(Signed.REGISTRATION, keys, refusals);
    this.millis = millis;
  }

  /** Returns the wall clock time, in milliseconds since 1970. */
  long now() {
    return millis.getAsLong();
  }

  /** Returns a signed registration for Redis; empty until the key is known. */
  Optional<String> sign(RegistrationRecord record) {
    return texts.sign(record.text());
  }

  /**
   * Returns the registration stored under this name, if it is validly signed and names the same
   * node.
   */
  Optional<RegistrationRecord> read(String name, String signed) {
    Optional<RegistrationRecord> record =
        texts.read(signed, origin(name)).flatMap(RegistrationRecord::of);
    if (record.isPresent() && !record.get().member().id().value().equals(name)) {
      texts.refused(RejectionLog.Reason.FOREIGN, origin(name));
      return Optional.empty();
    }
    return record;
  }

  /** Returns whether a registration is within its validity and not superseded. */
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

  /** Invalidates the registrations of a node that has announced that it leaves. */
  synchronized void left(Incarnation start) {
    last.computeIfPresent(
        start.node(),
        (node, each) ->
            each.record().member().start().equals(start)
                ? new Last(each.record(), each.until(), true)
                : each);
  }

  private static String origin(String name) {
    // Anyone with access to Redis may have written the name.
    return "node " + NodeId.named(name).map(NodeId::value).orElse("(not a valid node name)");
  }
}

package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import dev.holdfast.time.SteadyClock;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** Signs and verifies everything that passes through Redis. Thread-safe. */
record Signatures(
    SigningKeys secrets,
    SignedMessages messages,
    RegistrationTrust registrations,
    SessionTrust sessions,
    HandoffTrust handoffs,
    SignedTexts revocations) {
  /**
   * Creates signatures for one incarnation of a node.
   *
   * @param configured secrets; the first one signs
   * @param refused receives the labels of kind and reason of each rejection
   * @param millis the wall clock, in milliseconds since 1970
   */
  static Signatures of(
      Incarnation self,
      List<String> configured,
      BiConsumer<String, String> refused,
      LongSupplier millis) {
    SigningKeys secrets = new SigningKeys(configured);
    RejectionLog refusals = new RejectionLog(refused, SteadyClock::nanoTime);
    return new Signatures(
        secrets,
        new SignedMessages(new NodeTrust(Signed.MESSAGE, self, secrets::keys, refusals, millis)),
        new RegistrationTrust(secrets::keys, refusals, millis),
        new SessionTrust(secrets::keys, refusals),
        new HandoffTrust(secrets::keys, refusals, millis),
        new SignedTexts(Signed.REVOCATION, secrets::keys, refusals));
  }
}

package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Signed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Signs session records and verifies those read from Redis, which a third party may have forged. An
 * earlier record of the same session can be replayed; other nodes then see it until the session
 * changes again. Stateless.
 */
final class SessionTrust {
  private final SignedTexts texts;

  SessionTrust(Supplier<Optional<Keyring>> keys, RejectionLog refusals) {
    this.texts = new SignedTexts(Signed.SESSION, keys, refusals);
  }

  /** Returns a signed record for the hash of its node; empty until the key is known. */
  Optional<String> sign(Incarnation node, String id, SessionRecord session) {
    return texts.sign(Records.text(session), node.toString(), id);
  }

  /** Returns the valid sessions in the hash of this incarnation of a node, by field. */
  Map<String, SessionRecord> read(Incarnation node, Map<String, String> fields) {
    Map<String, SessionRecord> sessions = new LinkedHashMap<>();
    fields.forEach(
        (id, signed) -> {
          if (!id.startsWith("#")) {
            texts
                .read(signed, "node " + node.node(), node.toString(), id)
                .flatMap(Records::session)
                .ifPresent(session -> sessions.put(id, session));
          }
        });
    return sessions;
  }
}

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
 * Tells what nodes keep of their sessions in Redis from what somebody else has written there. What
 * a node has said of a session before may be put back: until its next change, others see it so.
 * Stateless.
 */
final class SessionTrust {
  private final SignedTexts texts;

  SessionTrust(Supplier<Optional<Keyring>> keys, RejectionLog refusals) {
    this.texts = new SignedTexts(Signed.SESSION, keys, refusals);
  }

  /** A session as it stands in the hash of its node; empty until the key is known. */
  Optional<String> sign(Incarnation node, String id, SessionRecord session) {
    return texts.sign(Records.text(session), node.toString(), id);
  }

  /** The sessions in the hash of this start of a node, by their fields. */
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

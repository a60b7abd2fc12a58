package dev.holdfast.redis;

import dev.holdfast.cluster.SessionRecord;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Converts records to the text stored in Redis, and back. Stateless. */
final class Records {
  /** Field of a node's hash: its signed registration. */
  static final String REGISTRATION = "registration";

  private Records() {}

  static String text(SessionRecord session) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("sid", session.sid());
    values.put("user", session.user());
    values.put("upstream", session.upstream());
    values.put("address", session.address());
    values.put("since", Long.toString(session.since()));
    values.put("state", session.state().name().toLowerCase(Locale.ROOT));
    if (session.throughNode()) {
      values.put("through", "node");
    }
    return QueryString.encode(values);
  }

  /** Decodes the output of {@link #text}; empty if it is malformed. */
  static Optional<SessionRecord> session(String text) {
    try {
      Map<String, String> values = QueryString.decode(text);
      String state = values.getOrDefault("state", "live").toUpperCase(Locale.ROOT);
      return Optional.of(
          new SessionRecord(
              values.getOrDefault("sid", ""),
              values.getOrDefault("user", ""),
              values.getOrDefault("upstream", ""),
              values.getOrDefault("address", ""),
              Long.parseLong(values.getOrDefault("since", "0")),
              SessionRecord.State.valueOf(state),
              "node".equals(values.get("through"))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

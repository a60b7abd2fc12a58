package dev.holdfast.redis;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionRecord;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Records as text and fields of Redis, and back. Stateless. */
final class Records {
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
    return Form.encode(values);
  }

  /** What {@link #text} wrote; empty if it is no such text. */
  static Optional<SessionRecord> session(String text) {
    try {
      Map<String, String> values = Form.decode(text);
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

  /** The sessions in a node's hash of them, by their fields. */
  static Map<String, SessionRecord> sessions(Map<String, String> fields) {
    Map<String, SessionRecord> sessions = new LinkedHashMap<>();
    fields.forEach(
        (id, text) -> {
          if (!id.startsWith("#")) {
            session(text).ifPresent(session -> sessions.put(id, session));
          }
        });
    return sessions;
  }

  /** Fields and values of a node's hash, one after the other. */
  static List<String> fields(Member node, long rev) {
    return List.of(
        "incarnation",
        node.incarnation(),
        "host",
        node.address().getHostString(),
        "port",
        Integer.toString(node.address().getPort()),
        "version",
        node.version(),
        "draining",
        Boolean.toString(node.draining()),
        "sessions",
        Integer.toString(node.sessions()),
        "rev",
        Long.toString(rev));
  }

  /** The node of these fields; empty if they are not those of a node. */
  static Optional<Member> node(String id, Map<String, String> fields) {
    try {
      return Optional.of(
          new Member(
              new NodeId(id),
              fields.getOrDefault("incarnation", ""),
              InetSocketAddress.createUnresolved(
                  fields.getOrDefault("host", ""),
                  Integer.parseInt(fields.getOrDefault("port", ""))),
              fields.getOrDefault("version", ""),
              Boolean.parseBoolean(fields.getOrDefault("draining", "false")),
              Integer.parseInt(fields.getOrDefault("sessions", "0"))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}

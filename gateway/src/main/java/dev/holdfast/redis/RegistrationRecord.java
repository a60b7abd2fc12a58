package dev.holdfast.redis;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Validity;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a node publishes about itself at each beat. Immutable.
 *
 * @param rev number of the last written change to its sessions
 * @param started when its process started, in milliseconds since 1970
 */
record RegistrationRecord(Member member, long rev, long started, Validity validity) {
  /** Encodes the fields as a query string. */
  String text() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("id", member.id().value());
    values.put("incarnation", member.incarnation());
    values.put("host", member.address().getHostString());
    values.put("port", Integer.toString(member.address().getPort()));
    values.put("version", member.version());
    values.put("draining", Boolean.toString(member.draining()));
    values.put("sessions", Integer.toString(member.sessions()));
    values.put("rev", Long.toString(rev));
    values.put("started", Long.toString(started));
    values.put("issued", Long.toString(validity.issued()));
    values.put("expires", Long.toString(validity.expires()));
    return QueryString.encode(values);
  }

  /** Decodes the output of {@link #text}; empty if it is malformed. */
  static Optional<RegistrationRecord> of(String text) {
    try {
      Map<String, String> values = QueryString.decode(text);
      return Optional.of(
          new RegistrationRecord(
              member(values),
              number(values, "rev"),
              number(values, "started"),
              new Validity(number(values, "issued"), number(values, "expires"))));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Member member(Map<String, String> values) {
    return new Member(
        new NodeId(values.getOrDefault("id", "")),
        values.getOrDefault("incarnation", ""),
        InetSocketAddress.createUnresolved(
            values.getOrDefault("host", ""), Math.toIntExact(number(values, "port"))),
        values.getOrDefault("version", ""),
        Boolean.parseBoolean(values.getOrDefault("draining", "false")),
        Math.toIntExact(number(values, "sessions")));
  }

  private static long number(Map<String, String> values, String name) {
    return Long.parseLong(values.getOrDefault(name, ""));
  }
}

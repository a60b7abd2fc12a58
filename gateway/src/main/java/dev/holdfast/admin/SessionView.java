package dev.holdfast.admin;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionRecord;
import java.util.Locale;

/**
 * A session as shown to operators. Immutable.
 *
 * @param sid the Socket.IO sid
 * @param user empty while unknown
 * @param address of the client
 * @param since when it began, in seconds since 1970
 * @param state {@code live} or {@code parked}
 */
public record SessionView(
    String sid,
    String user,
    String node,
    String upstream,
    String address,
    long since,
    String state) {
  static SessionView of(NodeId node, SessionRecord record) {
    return new SessionView(
        record.sid(),
        record.user(),
        node.value(),
        record.upstream(),
        record.address(),
        record.since(),
        record.state().name().toLowerCase(Locale.ROOT));
  }
}

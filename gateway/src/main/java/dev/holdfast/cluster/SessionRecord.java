package dev.holdfast.cluster;

/**
 * The data of a session that other nodes need. Immutable.
 *
 * @param sid the id that client and upstream use; differs on each upstream
 * @param user empty while unknown
 * @param upstream name of the upstream that it is linked to
 * @param address of its client
 * @param since when it began, in seconds since 1970; for display only
 * @param throughNode whether its client is connected to another node, which counts the connection
 */
public record SessionRecord(
    String sid,
    String user,
    String upstream,
    String address,
    long since,
    State state,
    boolean throughNode) {
  /** Whether its client is connected. */
  public enum State {
    LIVE,
    PARKED
  }

  /** Returns a copy in another state. */
  public SessionRecord in(State next) {
    return new SessionRecord(sid, user, upstream, address, since, next, throughNode);
  }
}

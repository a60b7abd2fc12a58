package dev.holdfast.cluster;

/**
 * What other nodes need to know of a session. Immutable.
 *
 * @param sid by which client and upstream know it; another one on each upstream
 * @param user empty while it is not known
 * @param upstream name of the one that it is linked to
 * @param address of its client
 * @param since when it began, in seconds since 1970; for people only
 * @param throughNode whether its client came to another node, which counts the connection
 */
public record SessionRecord(
    String sid,
    String user,
    String upstream,
    String address,
    long since,
    State state,
    boolean throughNode) {
  /** Whether its client is there. */
  public enum State {
    LIVE,
    PARKED
  }

  /** The same in another state. */
  public SessionRecord in(State next) {
    return new SessionRecord(sid, user, upstream, address, since, next, throughNode);
  }
}

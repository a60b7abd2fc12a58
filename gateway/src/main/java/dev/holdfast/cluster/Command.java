package dev.holdfast.cluster;

/** A command from one node to others. Immutable. */
public sealed interface Command {
  /** Ends all sessions of a user. */
  record KickUser(String user) implements Command {}

  /** Ends the session with this Socket.IO sid. */
  record KickSession(String sid) implements Command {}

  /** Ends all sessions that used the token with this hash, because it was signed out. */
  record RevokeToken(String hash) implements Command {}

  /** Ends all sessions of a verified user, who was changed or deleted. */
  record RevokeUser(String user) implements Command {}

  /** Stops the node gracefully. */
  record Drain() implements Command {}

  /** Moves all sessions off an upstream. */
  record DrainUpstream(String upstream) implements Command {}

  /** Allows sessions on an upstream again. */
  record UndrainUpstream(String upstream) implements Command {}

  /**
   * Queries a node about itself.
   *
   * @param from the node to send the answer to
   * @param id of the query, which the answer repeats
   */
  record Ask(NodeId from, String id, String question) implements Command {}

  /** The answer to a query. */
  record Answer(String id, String text) implements Command {}
}

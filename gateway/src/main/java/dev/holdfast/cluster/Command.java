package dev.holdfast.cluster;

/** What a node can be told. Immutable. */
public sealed interface Command {
  /** End all sessions of a user. */
  record KickUser(String user) implements Command {}

  /** End the session that a client knows by this Socket.IO sid. */
  record KickSession(String sid) implements Command {}

  /** End all sessions that were given the token with this hash: it was signed out. */
  record RevokeToken(String hash) implements Command {}

  /** End all sessions of a verified user, who was changed or deleted. */
  record RevokeUser(String user) implements Command {}

  /** Stop without haste. */
  record Drain() implements Command {}

  /** Move all sessions away from an upstream. */
  record DrainUpstream(String upstream) implements Command {}

  /** Let sessions go to an upstream again. */
  record UndrainUpstream(String upstream) implements Command {}

  /**
   * Say something about yourself.
   *
   * @param from where the answer goes
   * @param id of the question, which the answer names
   */
  record Ask(NodeId from, String id, String question) implements Command {}

  /** What was asked for. */
  record Answer(String id, String text) implements Command {}
}

package dev.holdfast.cluster;

/** What a node can be told to do. Immutable. */
public sealed interface Command {
  /** End all sessions of a user. */
  record KickUser(String user) implements Command {}

  /** End the session that a client knows by this Socket.IO sid. */
  record KickSession(String sid) implements Command {}

  /** Stop without haste. */
  record Drain() implements Command {}

  /** Move all sessions away from an upstream. */
  record DrainUpstream(String upstream) implements Command {}
}

package dev.holdfast.cluster;

import java.util.Locale;

/** The kinds of data that nodes sign. */
public enum Signed {
  /** An HTTP request between nodes. */
  REQUEST,
  /** A published message: a command or session changes. */
  MESSAGE,
  /** The registration of a node. */
  REGISTRATION,
  /** The record of a session. */
  SESSION,
  /** The handoff of a session. */
  MOVE,
  /** The revocation of a token or a user. */
  REVOCATION;

  /** Returns the name in signatures, logs and metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.holdfast.cluster;

import java.util.Locale;

/** What nodes sign. */
public enum Signed {
  /** An HTTP request from node to node. */
  REQUEST,
  /** What nodes publish: commands, and changes of their sessions. */
  MESSAGE,
  /** That a node is there, and where. */
  REGISTRATION,
  /** What a node says of one of its sessions. */
  SESSION,
  /** Where a session went. */
  MOVE,
  /** That a token or a user was revoked. */
  REVOCATION;

  /** Its name in signatures, logs and metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.holdfast.sessions;

/** The reason why a session is on its upstream. */
public enum UpstreamReason {
  /** By a hash of the user's id. */
  USER_HASH("user-hash", "the hash of the user id chose it among the healthy upstreams"),
  /** By a hash of the client's address. */
  ADDRESS_HASH(
      "address-hash", "the hash of the client's address chose it, as the user was not known"),
  /** Where the user's other sessions are. */
  OTHER_SESSIONS("other-sessions", "most other sessions of the user were there"),
  /** The only candidate. */
  ONLY_ONE("only-one", "no other upstream was healthy and not drained"),
  /** Reconnected to the same upstream. */
  RELINKED("relinked", "its link broke, and a new one was opened there"),
  /** Its upstream was unavailable. */
  FAILED_OVER("failed-over", "its upstream was away for longer than relink.failover-after"),
  /** Taken over together with its link. */
  ADOPTED("adopted", "it was there already when this node took it over from one that stopped"),
  /** Its upstream was drained. */
  SWITCHED_OVER("switched-over", "its upstream was drained");

  private final String label;
  private final String sentence;

  UpstreamReason(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** Returns the name for programs. */
  public String label() {
    return label;
  }

  /** Returns the description. */
  public String sentence() {
    return sentence;
  }
}

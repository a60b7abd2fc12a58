package dev.holdfast.hub;

/** Why a session is on its upstream. */
public enum UpstreamChoice {
  /** By the user's id. */
  USER_HASH("user-hash", "the hash of the user id chose it among the healthy upstreams"),
  /** By the client's address. */
  ADDRESS_HASH(
      "address-hash", "the hash of the client's address chose it, as the user was not known"),
  /** With the user's other sessions. */
  OTHER_SESSIONS("other-sessions", "most other sessions of the user were there"),
  /** There was no choice. */
  ONLY_ONE("only-one", "no other upstream was healthy and not drained"),
  /** The same again. */
  RELINKED("relinked", "its link broke, and a new one was opened there"),
  /** Its own was away. */
  FAILED_OVER("failed-over", "its upstream was away for longer than relink.failover-after"),
  /** With its link. */
  ADOPTED("adopted", "it was there already when this node took it over from one that stopped"),
  /** Its own was drained. */
  SWITCHED_OVER("switched-over", "its upstream was drained");

  private final String label;
  private final String sentence;

  UpstreamChoice(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** For programs. */
  public String label() {
    return label;
  }

  /** For people. */
  public String sentence() {
    return sentence;
  }
}

package dev.holdfast.session;

/** Accounts for every event of an upstream: accepted = delivered + merged + waiting + given up. */
public interface EventAccounting {
  /** Counts events that arrived from the upstream. */
  void accepted(long events);

  /** Counts events that the client has handled. */
  void delivered(long events);

  /** Counts events that were merged into later ones, in which the client receives them. */
  void merged(long events);

  /** Counts events that will not reach the client. */
  void givenUp(String reason, long events);

  /**
   * Counts events that were sent again to a resumed client.
   *
   * @param bytes size of the replay, in bytes
   */
  void replayed(long events, long bytes);

  /** Counts an answer to a call that awaits none. */
  void answerDropped();
}

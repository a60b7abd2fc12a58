package dev.holdfast.session;

/** Accounts for every event of an upstream: accepted = delivered + waiting + given up. */
public interface EventAccounting {
  /** Events came from the upstream. */
  void accepted(long events);

  /** The client has handled events. */
  void delivered(long events);

  /** Events will not reach the client. */
  void givenUp(String reason, long events);

  /** Events were sent again to a client that came back. */
  void replayed(long events, long bytes);

  /** An answer came to a call that waits for none. */
  void answerDropped();
}

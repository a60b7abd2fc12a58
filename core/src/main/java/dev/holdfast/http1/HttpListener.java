package dev.holdfast.http1;

/** Receives the refusals and errors of a port, for example to count them. Thread-safe. */
public interface HttpListener {
  /**
   * Called for a refused connection or request.
   *
   * @param reason one of a closed set of words, such as {@code malformed}
   */
  default void refused(String reason) {}

  /**
   * Called for an exception that was logged and contained.
   *
   * @param where what it ended: {@code connection} or {@code request}
   */
  default void internalError(String where) {}
}

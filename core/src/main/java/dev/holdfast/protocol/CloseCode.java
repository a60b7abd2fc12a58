package dev.holdfast.protocol;

/** Close codes of RFC 6455 section 7.4 and the IANA registry. */
public final class CloseCode {
  /** The connection has fulfilled its purpose. */
  public static final int NORMAL = 1000;

  /** The endpoint is going away. */
  public static final int GOING_AWAY = 1001;

  /** A protocol error. */
  public static final int PROTOCOL_ERROR = 1002;

  /** The close frame had no code; never sent. */
  public static final int NO_STATUS = 1005;

  /** The connection ended without a close frame; never sent. */
  public static final int ABNORMAL = 1006;

  /** Text that is not UTF-8. */
  public static final int INVALID_PAYLOAD = 1007;

  /** A message violates a policy of the endpoint. */
  public static final int POLICY = 1008;

  /** A message exceeds the limit of the endpoint. */
  public static final int TOO_BIG = 1009;

  /** The server met an unexpected condition. */
  public static final int INTERNAL_ERROR = 1011;

  /** The service is restarting; the client may reconnect. */
  public static final int SERVICE_RESTART = 1012;

  /** The service is overloaded; the client may try again later. */
  public static final int TRY_AGAIN_LATER = 1013;

  private CloseCode() {}

  /** Returns whether a close frame may carry the code: 1000-1003, 1007-1014, 3000-4999. */
  public static boolean mayBeSent(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }
}

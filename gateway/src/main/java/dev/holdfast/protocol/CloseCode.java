package dev.holdfast.protocol;

/** Close codes of RFC 6455 section 7.4 and the IANA registry. */
public final class CloseCode {
  /** The purpose is fulfilled. */
  public static final int NORMAL = 1000;

  /** The endpoint goes away. */
  public static final int GOING_AWAY = 1001;

  /** A protocol error. */
  public static final int PROTOCOL_ERROR = 1002;

  /** No code was in the close frame; never on the wire. */
  public static final int NO_STATUS = 1005;

  /** The connection ended without a close frame; never on the wire. */
  public static final int ABNORMAL = 1006;

  /** Text that is not UTF-8. */
  public static final int INVALID_PAYLOAD = 1007;

  /** A rule of the endpoint's own forbids it. */
  public static final int POLICY = 1008;

  /** A message larger than the endpoint takes. */
  public static final int TOO_BIG = 1009;

  /** Something unexpected at the server. */
  public static final int INTERNAL_ERROR = 1011;

  /** The service restarts: come back. */
  public static final int SERVICE_RESTART = 1012;

  /** The service is overloaded: come back later. */
  public static final int TRY_AGAIN_LATER = 1013;

  private CloseCode() {}

  /** Whether a close frame may carry the code: 1000-1003, 1007-1014, 3000-4999. */
  public static boolean mayBeSent(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }
}

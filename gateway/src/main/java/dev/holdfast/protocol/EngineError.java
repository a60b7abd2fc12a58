package dev.holdfast.protocol;

/**
 * How a request to the Engine.IO endpoint is refused: status, and a JSON body with a code and a
 * message. Codes 0 to 5 and their messages are those of the reference server.
 *
 * <p>Immutable.
 */
public enum EngineError {
  /** The parameter {@code transport} is absent or names none we know. */
  TRANSPORT_UNKNOWN(400, 0, "Transport unknown"),
  /** The parameter {@code sid} names no open session. */
  SESSION_UNKNOWN(400, 1, "Session ID unknown"),
  /** A session is opened by GET only. */
  BAD_HANDSHAKE_METHOD(400, 2, "Bad handshake method"),
  /** The request does not fit its session's state or its parameters. */
  BAD_REQUEST(400, 3, "Bad request"),
  /** The origin or another policy forbids it. */
  FORBIDDEN(403, 4, "Forbidden"),
  /** The parameter {@code EIO} is not 4. */
  UNSUPPORTED_VERSION(400, 5, "Unsupported protocol version"),
  /** No upstream can take the session now, or the process is stopping; goes with Retry-After. */
  UNAVAILABLE(503, 6, "Service unavailable");

  private final int status;
  private final int code;
  private final String message;

  EngineError(int status, int code, String message) {
    this.status = status;
    this.code = code;
    this.message = message;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The number in the body. */
  public int code() {
    return code;
  }

  /** The sentence in the body; all of the body when a WebSocket is refused. */
  public String message() {
    return message;
  }

  /** The body, {@code application/json}. */
  public String json() {
    return "{\"code\":%d,\"message\":\"%s\"}".formatted(code, message);
  }

  /** The same with a sentence for people, without quotes and backslashes. */
  public String json(String detail) {
    return "{\"code\":%d,\"message\":\"%s\",\"detail\":\"%s\"}".formatted(code, message, detail);
  }
}

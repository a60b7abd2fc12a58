package dev.holdfast.protocol;

/**
 * Errors of requests to the Engine.IO endpoint, each with an HTTP status and a JSON body of code
 * and message. Codes 0 to 5 and their messages are those of the reference server.
 *
 * <p>Immutable.
 */
public enum EngineError {
  /** The parameter {@code transport} is missing or unknown. */
  TRANSPORT_UNKNOWN(400, 0, "Transport unknown"),
  /** The parameter {@code sid} names no open session. */
  SESSION_UNKNOWN(400, 1, "Session ID unknown"),
  /** The request would open a session but is not a GET. */
  BAD_HANDSHAKE_METHOD(400, 2, "Bad handshake method"),
  /** The request does not match the state of its session or its parameters. */
  BAD_REQUEST(400, 3, "Bad request"),
  /** The origin or another policy forbids the request. */
  FORBIDDEN(403, 4, "Forbidden"),
  /** The parameter {@code EIO} is not 4. */
  UNSUPPORTED_VERSION(400, 5, "Unsupported protocol version"),
  /** No upstream can take the session now, or the process is stopping; sent with Retry-After. */
  UNAVAILABLE(503, 6, "Service unavailable");

  private final int status;
  private final int code;
  private final String message;

  EngineError(int status, int code, String message) {
    this.status = status;
    this.code = code;
    this.message = message;
  }

  /** Returns the HTTP status. */
  public int status() {
    return status;
  }

  /** Returns the error code in the body. */
  public int code() {
    return code;
  }

  /** Returns the message in the body, which is the whole body when a WebSocket is refused. */
  public String message() {
    return message;
  }

  /** Returns the body, of type {@code application/json}. */
  public String json() {
    return "{\"code\":%d,\"message\":\"%s\"}".formatted(code, message);
  }

  /** Returns the body with a sentence for people, which must have no quotes or backslashes. */
  public String json(String detail) {
    return "{\"code\":%d,\"message\":\"%s\",\"detail\":\"%s\"}".formatted(code, message, detail);
  }
}

package dev.holdfast.proxy;

/** Why the proxy responds in place of the upstream. */
enum Failure {
  NO_UPSTREAM(503, "No Open WebUI instance is ready."),
  QUEUE_FULL(503, "Too many requests are waiting for Open WebUI."),
  QUEUE_TIMEOUT(503, "Open WebUI has no free connection."),
  UNREACHABLE(503, "Open WebUI cannot be reached."),
  BROKEN(502, "Open WebUI closed the connection before it responded."),
  MALFORMED(502, "Open WebUI sent a malformed response."),
  RESPONSE_TIMEOUT(504, "Open WebUI did not respond in time."),
  REQUEST_TIMEOUT(408, "The rest of the request did not arrive in time."),
  CUT(503, "Connections to Open WebUI are scarce, and this one was idle."),
  BAD_REQUEST(400, "The request is ambiguous."),
  METHOD(501, "The method is not supported.");

  private final int status;
  private final String sentence;

  Failure(int status, String sentence) {
    this.status = status;
    this.sentence = sentence;
  }

  int status() {
    return status;
  }

  String sentence() {
    return sentence;
  }

  /** Returns whether the client caused the failure, so that waiting would not help. */
  boolean isClientFault() {
    return this == BAD_REQUEST || this == METHOD || this == REQUEST_TIMEOUT;
  }
}

package dev.holdfast.proxy;

/** Why a request was answered in the upstream's place. */
enum Failure {
  NO_UPSTREAM(503, "No Open WebUI instance is ready."),
  QUEUE_FULL(503, "Too many requests are waiting for Open WebUI."),
  QUEUE_TIMEOUT(503, "Open WebUI has no free connection."),
  UNREACHABLE(503, "Open WebUI cannot be reached."),
  BROKEN(502, "Open WebUI closed the connection before it answered."),
  MALFORMED(502, "Open WebUI sent a response that cannot be read."),
  RESPONSE_TIMEOUT(504, "Open WebUI did not answer in time."),
  REQUEST_TIMEOUT(408, "The rest of the request did not come in time."),
  CUT(503, "Connections to Open WebUI are short, and this one waited for its client."),
  BAD_REQUEST(400, "The request cannot be read in one way only."),
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

  /** Whether the client is the one who can change something, not time. */
  boolean blamesClient() {
    return this == BAD_REQUEST || this == METHOD || this == REQUEST_TIMEOUT;
  }
}

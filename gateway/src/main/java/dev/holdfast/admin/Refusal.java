package dev.holdfast.admin;

import io.undertow.util.StatusCodes;

/** The reason why the admin port refuses a request. */
enum Refusal {
  /** A browser sent it for a page of another origin. */
  BROWSER("browser", StatusCodes.FORBIDDEN, "the admin port does not serve web pages"),
  /** A host name that a third party may have pointed at this node (DNS rebinding). */
  HOST(
      "host",
      StatusCodes.FORBIDDEN,
      "Host must be an IP address, localhost or a name of this node: node.id, or the host of"
          + " node.advertise or admin.listen"),
  /** The bearer token is missing. */
  NO_TOKEN("no-token", StatusCodes.UNAUTHORIZED, "a bearer token is required"),
  /** The bearer token is wrong. */
  WRONG_TOKEN("wrong-token", StatusCodes.UNAUTHORIZED, "the bearer token is not that of this node"),
  /** Too many wrong tokens before this one. */
  FAILED_TRIES(
      "failed-tries",
      StatusCodes.TOO_MANY_REQUESTS,
      "too many wrong tokens from this address; see admin.failed-tries");

  private final String label;
  private final int status;
  private final String sentence;

  Refusal(String label, int status, String sentence) {
    this.label = label;
    this.status = status;
    this.sentence = sentence;
  }

  /** Returns the value of the metric label {@code reason}. */
  String label() {
    return label;
  }

  /** Returns the HTTP status of the response. */
  int status() {
    return status;
  }

  /** Returns the reason in plain text. */
  String sentence() {
    return sentence;
  }
}

package dev.holdfast.admin;

import io.undertow.util.StatusCodes;

/** Why the admin port does not answer a request. */
enum Refusal {
  /** A browser sends it for a page of another origin. */
  BROWSER("browser", StatusCodes.FORBIDDEN, "the admin port does not serve web pages"),
  /** A name that somebody else may have made resolve to this node (DNS rebinding). */
  HOST(
      "host",
      StatusCodes.FORBIDDEN,
      "Host has to be an IP address, localhost or a name of this node: node.id, or the host of"
          + " node.advertise or admin.listen"),
  /** No bearer token. */
  NO_TOKEN("no-token", StatusCodes.UNAUTHORIZED, "the bearer token is needed"),
  /** A wrong one. */
  WRONG_TOKEN("wrong-token", StatusCodes.UNAUTHORIZED, "the bearer token is not that of this node"),
  /** Too many wrong ones before. */
  FAILED_TRIES(
      "failed-tries",
      StatusCodes.TOO_MANY_REQUESTS,
      "too many wrong tokens came from this address; see admin.failed-tries");

  private final String label;
  private final int status;
  private final String sentence;

  Refusal(String label, int status, String sentence) {
    this.label = label;
    this.status = status;
    this.sentence = sentence;
  }

  /** The value of the label {@code reason}. */
  String label() {
    return label;
  }

  /** The status of HTTP that tells the caller. */
  int status() {
    return status;
  }

  /** The same for people. */
  String sentence() {
    return sentence;
  }
}

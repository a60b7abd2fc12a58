package dev.holdfast.http1;

import java.nio.charset.StandardCharsets;

/** The response to a request that is refused before any handler sees it. */
record Answer(int status, String phrase, String reason) {
  static final Answer MALFORMED = new Answer(400, "Bad Request", "malformed");
  static final Answer LATE = new Answer(408, "Request Timeout", "header-timeout");
  static final Answer LARGE = new Answer(431, "Request Header Fields Too Large", "header");
  static final Answer SHORT = new Answer(503, "Service Unavailable", "header-memory");

  /** Returns the encoded response with this sentence as its body. */
  byte[] bytes(String why) {
    String text =
        "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n"
            .formatted(status, phrase, why.length() + 1, why);
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

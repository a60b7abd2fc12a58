package dev.holdfast.http;

import java.nio.charset.StandardCharsets;

/** How a request is refused that no handler sees. */
record Answer(int status, String phrase, String reason) {
  static final Answer MALFORMED = new Answer(400, "Bad Request", "malformed");
  static final Answer LATE = new Answer(408, "Request Timeout", "header-timeout");
  static final Answer LARGE = new Answer(431, "Request Header Fields Too Large", "header");
  static final Answer SHORT = new Answer(503, "Service Unavailable", "header-memory");

  /** The response, with this sentence in its body. */
  byte[] bytes(String why) {
    String text =
        "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n"
            .formatted(status, phrase, why.length() + 1, why);
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

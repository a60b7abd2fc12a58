package dev.holdfast.session;

import java.util.Optional;

/** What a session asks about the JSON of an event, which it never parses on the way. */
public interface Json {
  /** Whether a client's {@code JSON.parse} takes it: Python emits {@code NaN}. */
  boolean isValid(byte[] json);

  /** A CONNECT payload without the {@code pid} and {@code offset} that are meant for us. */
  byte[] withoutResumeRequest(byte[] json);

  /** The last element of an array if that is a text: what socket.io-client takes for an offset. */
  Optional<String> lastText(byte[] json);
}

package dev.holdfast.session;

import java.util.Optional;

/** The JSON operations that a session needs. Sessions do not parse the events that they forward. */
public interface Json {
  /** Returns whether a client's {@code JSON.parse} accepts the text. Python emits {@code NaN}. */
  boolean isValid(byte[] json);

  /**
   * Returns a CONNECT payload without the {@code pid} and {@code offset} that the gateway consumes.
   */
  byte[] withoutResumeRequest(byte[] json);

  /**
   * Returns the last element of an array if it is a string, which socket.io-client takes for an
   * offset.
   */
  Optional<String> lastText(byte[] json);
}

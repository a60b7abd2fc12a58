package dev.holdfast.session;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Texts without escapes; what is no JSON says so. */
final class TextJson implements Json {
  @Override
  public boolean isValid(byte[] json) {
    return !text(json).contains("NaN");
  }

  @Override
  public byte[] withoutResumeRequest(byte[] connect) {
    return connect;
  }

  @Override
  public Optional<String> lastText(byte[] json) {
    return lastText(text(json));
  }

  /** The text that an array ends with. */
  static Optional<String> lastText(String json) {
    int end = json.length() - 2;
    if (end < 1 || !json.endsWith("\"]")) {
      return Optional.empty();
    }
    return Optional.of(json.substring(json.lastIndexOf('"', end - 1) + 1, end));
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}

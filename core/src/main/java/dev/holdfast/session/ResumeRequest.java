package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The resume data in the CONNECT of a returning client.
 *
 * @param pid the secret issued to the client
 * @param offset the last string argument that the client has handled; null if absent
 * @param token the client's {@code auth.token}; null if absent
 */
public record ResumeRequest(String pid, @Nullable String offset, @Nullable String token) {
  @Override
  public String toString() {
    return "ResumeRequest[offset=" + offset + "]";
  }
}

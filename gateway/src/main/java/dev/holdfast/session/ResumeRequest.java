package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * What a client that comes back says in its CONNECT.
 *
 * @param pid the secret that it was given
 * @param offset the last string argument that it has handled; null if it names none
 * @param token the {@code auth.token} that it brings; null if none
 */
public record ResumeRequest(String pid, @Nullable String offset, @Nullable String token) {
  @Override
  public String toString() {
    return "ResumeRequest[offset=" + offset + "]";
  }
}

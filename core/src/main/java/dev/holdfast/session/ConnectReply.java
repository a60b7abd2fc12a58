package dev.holdfast.session;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Adds a pid to an upstream's CONNECT reply, {@code 40{"sid":"…"}}. */
final class ConnectReply {
  private ConnectReply() {}

  /** Returns whether a pid can be added to a payload. */
  static boolean isExtensible(byte[] payload) {
    int last = payload.length - 1;
    int open = 0;
    while (open < last && payload[open] != '{') {
      open++;
    }
    boolean hasMember = open + 1 < last && payload[open + 1] == '"';
    return hasMember && payload[last] == '}';
  }

  /** Returns the payload with {@code pid} as its last member. */
  static byte[] withPid(byte[] payload, String pid) {
    byte[] member = (",\"pid\":\"" + pid + "\"}").getBytes(StandardCharsets.US_ASCII);
    byte[] reply = Arrays.copyOf(payload, payload.length - 1 + member.length);
    System.arraycopy(member, 0, reply, payload.length - 1, member.length);
    return reply;
  }
}

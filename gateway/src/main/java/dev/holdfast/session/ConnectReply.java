package dev.holdfast.session;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An upstream's answer to a CONNECT, {@code 40{"sid":"…"}}, with a pid added. */
final class ConnectReply {
  private ConnectReply() {}

  /** Whether a pid can be added to a payload. */
  static boolean isExtensible(byte[] payload) {
    int last = payload.length - 1;
    int open = 0;
    while (open < last && payload[open] != '{') {
      open++;
    }
    boolean hasMember = open + 1 < last && payload[open + 1] == '"';
    return hasMember && payload[last] == '}';
  }

  /** The payload with a last member {@code pid}. */
  static byte[] withPid(byte[] payload, String pid) {
    byte[] member = (",\"pid\":\"" + pid + "\"}").getBytes(StandardCharsets.US_ASCII);
    byte[] reply = Arrays.copyOf(payload, payload.length - 1 + member.length);
    System.arraycopy(member, 0, reply, payload.length - 1, member.length);
    return reply;
  }
}

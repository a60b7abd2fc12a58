package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The secrets with which a client may resume, and the CONNECT replies that carried them. An earlier
 * pid stays valid, since the client may have missed the packet with a later one. Confined to its
 * session.
 */
final class Pids {
  /** Consecutive replies that a client may miss. */
  private static final int MAX = 8;

  private static final class Given {
    private final byte[] pid;
    private final byte[] reply;

    private Given(byte[] pid, byte[] reply) {
      this.pid = pid;
      this.reply = reply;
    }
  }

  private final List<Given> given = new ArrayList<>(1);

  /**
   * Adds a pid and the frame of its reply. Returns the oldest pid if there are too many, which
   * becomes invalid.
   */
  Optional<String> add(String pid, byte[] reply) {
    given.add(new Given(bytes(pid), reply));
    return given.size() > MAX ? Optional.of(text(given.remove(0).pid)) : Optional.empty();
  }

  private static byte[] bytes(String pid) {
    return pid.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the pids and the payloads of their replies, oldest first. */
  List<SessionSnapshot.Given> all() {
    return given.stream()
        .map(each -> new SessionSnapshot.Given(text(each.pid), text(packet(each.reply))))
        .toList();
  }

  private static byte[] packet(byte[] frame) {
    return new Message().ofFrame(ByteBuffer.wrap(frame), false).bytes(0);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** Returns the index of a pid, compared in constant time; -1 if unknown. */
  int find(String pid) {
    byte[] claimed = bytes(pid);
    int found = -1;
    for (int i = 0; i < given.size(); i++) {
      if (MessageDigest.isEqual(given.get(i).pid, claimed)) {
        found = i;
      }
    }
    return found;
  }

  /** Returns the frame of the reply that carried the pid at this index. */
  byte[] reply(int index) {
    return given.get(index).reply;
  }

  /** Returns the index of the latest pid; -1 if there is none. */
  int newest() {
    return given.size() - 1;
  }

  /** Returns the index of the pid whose reply this frame is; -1 if none. */
  int ofReply(byte[] frame) {
    for (int i = 0; i < given.size(); i++) {
      if (Arrays.equals(given.get(i).reply, frame)) {
        return i;
      }
    }
    return -1;
  }

  boolean isEmpty() {
    return given.isEmpty();
  }

  void clear() {
    given.clear();
  }
}

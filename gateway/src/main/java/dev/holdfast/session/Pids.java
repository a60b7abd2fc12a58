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
 * The secrets by which a client may come back, and the CONNECT replies that they were given with.
 * An earlier one stays valid, since the client may have missed the packet that brought the later
 * one. Confined to its session.
 */
final class Pids {
  /** Replies that a client may have missed in a row. */
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
   * Remembers a pid and the frame of its reply. Returns the oldest pid if there are too many now:
   * it is worth nothing any more.
   */
  Optional<String> add(String pid, byte[] reply) {
    given.add(new Given(bytes(pid), reply));
    return given.size() > MAX ? Optional.of(text(given.remove(0).pid)) : Optional.empty();
  }

  private static byte[] bytes(String pid) {
    return pid.getBytes(StandardCharsets.UTF_8);
  }

  /** What was given, oldest first. */
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

  /** Which of them this is, compared in constant time; -1 if none. */
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

  /** The reply that came with a pid. */
  byte[] reply(int index) {
    return given.get(index).reply;
  }

  /** The last one given. */
  int newest() {
    return given.size() - 1;
  }

  /** Which pid's reply these bytes are; -1 if none's. */
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

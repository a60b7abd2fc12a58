package dev.holdfast.session;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * What is remembered of an event, to find it again on another link. Immutable.
 *
 * @param stream of events in whose order one may trust: those that begin alike. Two instances may
 *     send the events of two chats in another order, but never those of one chat
 * @param event of all its bytes, attachments included
 */
record Fingerprint(long stream, long event) {
  /** Members that tell streams apart: the event's name, the chat and the message. */
  private static final int MEMBERS = 3;

  private static final int MAX_HEAD = 256;

  /**
   * Of a packet.
   *
   * @param packet the text, and behind it the attachments
   * @param json where the JSON begins
   */
  static Fingerprint of(byte[] packet, int json) {
    MessageDigest digest = Sha256.digest();
    digest.update(packet, json, head(packet, json) - json);
    long stream = ByteBuffer.wrap(digest.digest()).getLong();
    return new Fingerprint(stream, ByteBuffer.wrap(digest.digest(packet)).getLong());
  }

  /** Behind the third member, or before the last one if there are fewer. */
  private static int head(byte[] packet, int json) {
    int end = json;
    int members = 0;
    boolean quoted = false;
    for (int i = json; i < Math.min(packet.length, json + MAX_HEAD) && members < MEMBERS; i++) {
      if (quoted && packet[i] == '\\') {
        i++;
      } else if (packet[i] == '"') {
        quoted = !quoted;
      } else if (packet[i] == ',' && !quoted) {
        end = i;
        members++;
      }
    }
    return end;
  }
}

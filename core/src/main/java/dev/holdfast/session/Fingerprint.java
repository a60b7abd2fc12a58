package dev.holdfast.session;

import dev.holdfast.protocol.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Identifies an event on another link. Immutable.
 *
 * @param stream hash of the head that its events share. Events of one stream keep their order. Two
 *     instances may send the events of two chats in different order, but never those of one chat
 * @param event hash of all bytes, attachments included
 */
record Fingerprint(long stream, long event) {
  /** Members that distinguish streams: the event's name, the chat and the message. */
  private static final int MEMBERS = 3;

  private static final int MAX_HEAD = 256;

  /**
   * Returns the fingerprint of a packet.
   *
   * @param packet the text, followed by the attachments
   * @param json index at which the JSON begins
   */
  static Fingerprint of(byte[] packet, int json) {
    MessageDigest digest = Sha256.digest();
    digest.update(packet, json, head(packet, json) - json);
    long stream = ByteBuffer.wrap(digest.digest()).getLong();
    return new Fingerprint(stream, ByteBuffer.wrap(digest.digest(packet)).getLong());
  }

  /** Returns the index after the third member, or before the last one if there are fewer. */
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

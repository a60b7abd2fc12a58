package dev.holdfast.sessions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.PeerJson;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What a node tells the one that takes a session over, as an Engine.IO NOOP packet on the splice.
 *
 * @param upstream name of the one that its link goes to
 */
record HandoffMessage(SessionSnapshot snapshot, Ownership.Kept owner, String upstream) {
  // A newer node may say more than this one knows, while one after the other is upgraded.
  private static final JsonMapper JSON =
      PeerJson.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final byte NOOP = '6';

  /** Refuses one that lacks something. */
  HandoffMessage {
    Objects.requireNonNull(snapshot, "snapshot");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(upstream, "upstream");
  }

  /** The packet. */
  byte[] packet() {
    try {
      byte[] json = JSON.writeValueAsBytes(this);
      return ByteBuffer.allocate(1 + json.length).put(NOOP).put(json).array();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a will can be written", e);
    }
  }

  /** Whether a message is such a packet. */
  static boolean is(Message message) {
    return message.text() && message.byteAt(0) == NOOP;
  }

  /** Reads a packet. */
  static HandoffMessage read(Message packet) throws ProtocolException {
    try {
      HandoffMessage handoffMessage = JSON.readValue(packet.bytes(1), HandoffMessage.class);
      if (handoffMessage == null) {
        throw new ProtocolException("another node's packet is JSON's null");
      }
      return handoffMessage;
    } catch (IOException e) {
      throw new ProtocolException("another node's packet cannot be read: " + e.getMessage());
    }
  }
}

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
 * The message that hands a session off to another node, sent as an Engine.IO NOOP packet on the
 * splice.
 *
 * @param upstream name of the upstream that the session's link goes to; empty if it has none
 */
record HandoffMessage(SessionSnapshot snapshot, Ownership.Kept owner, String upstream) {
  // During a rolling upgrade, a newer node may send fields that this one does not know.
  private static final JsonMapper JSON =
      PeerJson.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final byte NOOP = '6';

  /** Rejects a message with a missing field, which another node may have sent. */
  HandoffMessage {
    Objects.requireNonNull(snapshot, "snapshot");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(upstream, "upstream");
  }

  /** Returns the packet. */
  byte[] packet() {
    try {
      byte[] json = JSON.writeValueAsBytes(this);
      return ByteBuffer.allocate(1 + json.length).put(NOOP).put(json).array();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a handoff message cannot be written as JSON", e);
    }
  }

  /** Returns whether a message is a NOOP packet. */
  static boolean is(Message message) {
    return message.text() && message.byteAt(0) == NOOP;
  }

  /**
   * Parses a packet.
   *
   * @throws ProtocolException if it is malformed or incomplete
   */
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

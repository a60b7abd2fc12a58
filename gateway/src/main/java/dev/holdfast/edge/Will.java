package dev.holdfast.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Estate;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * All that a session's next home is told, by an Engine.IO NOOP packet on the splice.
 *
 * @param upstream name of the one that its link goes to
 */
record Will(Estate estate, Ownership.Kept owner, String upstream) {
  // A newer node may say more than this one knows, while one after the other is upgraded.
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final byte NOOP = '6';

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
  static Will read(Message packet) throws ProtocolException {
    try {
      return JSON.readValue(packet.bytes(1), Will.class);
    } catch (IOException e) {
      throw new ProtocolException("another node's packet cannot be read: " + e.getMessage());
    }
  }
}

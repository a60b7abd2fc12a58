package dev.holdfast.engineio;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.NodeName;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The control messages between the two nodes of a splice. They are Engine.IO NOOP packets, which
 * all other peers ignore:
 *
 * <ul>
 *   <li>{@code 6NODE}, {@code 6}: the node that requests a session names itself if it would take
 *       the session over; the requested node names the one that has taken it over. A name has the
 *       form {@code [a-z0-9-]{1,32}}
 *   <li>{@code 6?}: requests a receipt for all preceding messages, once they have reached the
 *       session or its client; sent by either node
 *   <li>{@code 6!}: the receipt
 *   <li>{@code 6+}: the offered session was taken over
 * </ul>
 */
public final class SpliceControl {
  /** Requests a receipt for all preceding messages. */
  public static final String RECEIPT_ASKED = "6?";

  /** Confirms that the preceding messages have arrived. */
  public static final String RECEIPT = "6!";

  /** Confirms that the other node has taken over the offered session. */
  public static final String TAKEN_OVER = "6+";

  private static final char NOOP = '6';

  private SpliceControl() {}

  /** Returns the packet that names a node, or none. */
  public static byte[] naming(Optional<String> node) {
    return (NOOP + node.orElse("")).getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the node that a packet names; empty for every other message. */
  public static Optional<String> node(Message message) {
    return message.text() && message.byteAt(0) == NOOP
        ? Optional.of(new String(message.bytes(1), StandardCharsets.US_ASCII))
            .filter(NodeName::isValid)
        : Optional.empty();
  }

  /** Returns whether a message is this packet. */
  public static boolean is(String packet, Message message) {
    return message.text()
        && message.length() == packet.length()
        && new String(message.bytes(0), StandardCharsets.US_ASCII).equals(packet);
  }
}

package dev.holdfast.engineio;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.protocol.Message;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the two nodes of a splice tell each other, by Engine.IO NOOP packets, which mean nothing to
 * anybody else:
 *
 * <ul>
 *   <li>{@code 6NODE}, {@code 6}: the node that asks for a session names itself, if it would take
 *       the session over; the node that is asked names the one that has taken it over
 *   <li>{@code 6?}: either node asks the other to say when what came before has arrived: with the
 *       session, or with its client
 *   <li>{@code 6!}: it has
 *   <li>{@code 6+}: the session that it has offered was taken over
 * </ul>
 */
public final class SpliceControl {
  /** Asks the other node to say when what came before has arrived. */
  public static final String RECEIPT_ASKED = "6?";

  /** What came before has arrived. */
  public static final String RECEIPT = "6!";

  /** The other node has taken over the session that it was offered. */
  public static final String TAKEN_OVER = "6+";

  private static final char NOOP = '6';

  private SpliceControl() {}

  /** The packet that names a node, or none. */
  public static byte[] naming(Optional<NodeId> node) {
    return (NOOP + node.map(NodeId::value).orElse("")).getBytes(StandardCharsets.US_ASCII);
  }

  /** The node that a packet names; empty for every other message. */
  public static Optional<NodeId> node(Message message) {
    return message.text() && message.byteAt(0) == NOOP
        ? NodeId.named(new String(message.bytes(1), StandardCharsets.US_ASCII))
        : Optional.empty();
  }

  /** Whether a message is this packet. */
  public static boolean is(String packet, Message message) {
    return message.text()
        && message.length() == packet.length()
        && new String(message.bytes(0), StandardCharsets.US_ASCII).equals(packet);
  }
}

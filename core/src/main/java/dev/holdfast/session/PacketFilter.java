package dev.holdfast.session;

import dev.holdfast.protocol.EventName;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;

/**
 * The packets that a stage wants, by what their headers and the names of events show.
 *
 * @param kinds a set of {@linkplain #kind kinds}
 * @param name of the events, or its beginning, in ASCII; empty for any
 * @param whole whether it is the whole name
 */
public record PacketFilter(int kinds, String name, boolean whole) {
  private static final int OTHER_NAMESPACES = SocketPacketType.values().length;
  private static final int EVENTS =
      kind(SocketPacketType.EVENT, true) | kind(SocketPacketType.BINARY_EVENT, true);

  /** Wants the events of the namespace "/" with this name. */
  public static PacketFilter event(String name) {
    return new PacketFilter(EVENTS, name, true);
  }

  /** Wants the events of the namespace "/" whose name begins so. */
  public static PacketFilter eventsBeginning(String prefix) {
    return new PacketFilter(EVENTS, prefix, false);
  }

  /** Wants packets of these types in the namespace "/". */
  public static PacketFilter types(SocketPacketType... types) {
    return new PacketFilter(kinds(true, types), "", false);
  }

  /** Wants packets of these types in all other namespaces. */
  public static PacketFilter typesInOtherNamespaces(SocketPacketType... types) {
    return new PacketFilter(kinds(false, types), "", false);
  }

  private static int kinds(boolean root, SocketPacketType... types) {
    int kinds = 0;
    for (SocketPacketType type : types) {
      kinds |= kind(type, root);
    }
    return kinds;
  }

  /** Returns the kind of a packet as a bit: its type, and whether its namespace is "/". */
  static int kind(SocketPacketType type, boolean root) {
    return 1 << (type.digit() + (root ? 0 : OTHER_NAMESPACES));
  }

  /** Returns whether a stage wants the packet with this header. */
  boolean accepts(Message packet, SocketPacketHeader header) {
    return (kinds & kind(header.type(), header.rootNamespace())) != 0
        && (name.isEmpty()
            || (whole
                ? EventName.is(packet, header.json(), name)
                : EventName.begins(packet, header.json(), name)));
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.protocol.TextFrame;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The namespaces other than "/" that a client has open. Open WebUI uses none. Confined to its
 * session.
 */
final class Namespaces {
  /** Maximum number of remembered names. */
  private static final int MAX = 64;

  private final Set<String> open = new HashSet<>(1);

  /** Records a packet of another namespace, in either direction. */
  void saw(Message packet, SocketPacketHeader header, boolean fromUpstream) {
    SocketPacketType type = header.type();
    if (type == SocketPacketType.CONNECT && fromUpstream && open.size() < MAX) {
      open.add(header.namespace(packet));
    } else if (type == SocketPacketType.DISCONNECT) {
      open.remove(header.namespace(packet));
    }
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** Returns the packets that disconnect the client from these namespaces, and forgets them. */
  Collection<byte[]> leave() {
    Collection<byte[]> packets =
        open.stream()
            .map(name -> TextFrame.masked(("41" + name + ",").getBytes(StandardCharsets.UTF_8)))
            .toList();
    open.clear();
    return packets;
  }
}

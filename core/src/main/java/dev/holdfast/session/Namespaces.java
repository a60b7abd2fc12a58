package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.protocol.SocketPacketType;
import java.util.HashSet;
import java.util.Set;

/**
 * The namespaces other than "/" that a client has open. Open WebUI uses none. A client that is away
 * leaves them, because its sockets there cannot resume.
 */
final class Namespaces implements PacketStage {
  /** Maximum number of remembered names. */
  private static final int MAX = 64;

  private final Set<String> open = new HashSet<>(1);

  @Override
  public String name() {
    return "namespaces";
  }

  @Override
  public Direction direction() {
    return Direction.BOTH;
  }

  @Override
  public PacketFilter filter() {
    return PacketFilter.typesInOtherNamespaces(
        SocketPacketType.CONNECT, SocketPacketType.DISCONNECT);
  }

  @Override
  public Verdict on(PacketView packet, StageContext session) {
    if (packet.type() == SocketPacketType.DISCONNECT) {
      open.remove(packet.namespace());
    } else if (packet.direction() == Direction.TO_CLIENT && open.size() < MAX) {
      open.add(packet.namespace());
    }
    return Verdict.PASS;
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  @Override
  public void phase(SessionPhase phase, StageContext session) {
    if (phase == SessionPhase.PARKED) {
      open.forEach(name -> session.sendToUpstream(("41" + name + ",").getBytes(UTF_8)));
      open.clear();
    }
  }
}

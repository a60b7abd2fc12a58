package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;

/**
 * What stays of a session at its former home: the link, lent to the new one until that has one of
 * its own. Packets pass both ways, only ids of calls are those that the client was shown. Ends with
 * either side. Confined to the session's thread.
 */
final class LentLink {
  private final Hop transport;
  private final Hop link;
  private final Calls calls;
  private final Lane up;
  private final Lane down;
  private final Passage upwards;
  private final Passage downwards;
  private boolean closed;

  LentLink(Hop transport, Hop link, Calls calls, SessionSetup setup) {
    this.transport = transport;
    this.link = link;
    this.calls = calls;
    this.up = lane(setup, transport, link);
    this.down = lane(setup, link, transport);
    this.upwards = passage(up, CloseReason.TOO_MANY_ATTACHMENTS, setup);
    this.downwards = passage(down, CloseReason.UPSTREAM_PROTOCOL, setup);
  }

  private static Lane lane(SessionSetup setup, Hop from, Hop to) {
    Lane lane = new Lane(setup.pool(), setup.limits().waitingBytes());
    lane.from(from);
    lane.to(to);
    return lane;
  }

  private Passage passage(Lane lane, CloseReason tooMany, SessionSetup setup) {
    return new Passage(
        lane, setup.limits().attachments(), tooMany, this::end, () -> end(CloseReason.NO_BUFFERS));
  }

  /** Hears the session's new home. */
  Hop.Receiver ofTransport() {
    return new Side(upwards, down, link) {
      @Override
      Message shifted(Message packet, SocketPacketHeader header) {
        return AckIds.up(packet, header, calls.ofLink(header.ackId()));
      }

      @Override
      boolean isShifted(SocketPacketType type) {
        return type == SocketPacketType.ACK || type == SocketPacketType.BINARY_ACK;
      }
    };
  }

  /** Hears the upstream. */
  Hop.Receiver ofLink() {
    return new Side(downwards, up, transport) {
      @Override
      Message shifted(Message packet, SocketPacketHeader header) {
        return AckIds.down(packet, header, calls.shown(header.ackId()));
      }

      @Override
      boolean isShifted(SocketPacketType type) {
        return type == SocketPacketType.EVENT || type == SocketPacketType.BINARY_EVENT;
      }
    };
  }

  private void end(CloseReason reason) {
    if (!closed) {
      closed = true;
      transport.close(reason);
      link.close(reason);
      up.clear();
      down.clear();
    }
  }

  /** One of the two ends. */
  private abstract class Side implements Hop.Receiver {
    private final Passage onwards;
    private final Lane back;
    private final Hop other;
    private final SocketPacketHeader header = new SocketPacketHeader();

    Side(Passage onwards, Lane back, Hop other) {
      this.onwards = onwards;
      this.back = back;
      this.other = other;
    }

    /** Whether packets of this type have the id of a call of the upstream. */
    abstract boolean isShifted(SocketPacketType type);

    abstract Message shifted(Message packet, SocketPacketHeader header);

    @Override
    public void message(Message message) throws ProtocolException {
      if (closed) {
        return;
      }
      Message passed = message;
      if (message.text()) {
        header.read(message);
        boolean call = header.rootNamespace() && header.ackId() != SocketPacketHeader.NO_ACK;
        if (call && calls.isShifted() && isShifted(header.type())) {
          passed = shifted(message, header);
          header.read(passed);
        }
      }
      onwards.pass(passed, header);
    }

    @Override
    public void batchEnd() {
      if (!closed) {
        onwards.flush();
      }
    }

    @Override
    public void writable() {
      if (!closed) {
        back.drain();
      }
    }

    @Override
    public void acknowledged(long bytes) {
      // Only the new home knows what its client has confirmed.
    }

    @Override
    public void closed(CloseReason reason) {
      if (!closed) {
        onwards.flush();
        closed = true;
        other.close(reason);
        up.clear();
        down.clear();
      }
    }
  }
}

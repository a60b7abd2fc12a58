package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.time.Alarm;
import dev.holdfast.time.ErrorBoundary;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
  private final ErrorBoundary boundary =
      new ErrorBoundary("a lent link", () -> end(CloseReason.INTERNAL));
  private final Alarm slow;
  private final Duration patience;
  private @Nullable CloseReason ending;
  private @Nullable Hop gone;
  private boolean closed;

  LentLink(Hop transport, Hop link, Calls calls, SessionSetup setup) {
    this.transport = transport;
    this.link = link;
    this.calls = calls;
    this.slow = new Alarm(boundary.guard(setup.timers()));
    this.patience = setup.limits().slowTransport();
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
    return new Passage(lane, setup, tooMany, this::end, () -> end(CloseReason.NO_BUFFERS));
  }

  /** What ends the link when something is thrown. */
  ErrorBoundary boundary() {
    return boundary;
  }

  /** Hears the session's new home. */
  Hop.Receiver ofTransport() {
    return new Side(upwards, up, down, transport) {
      @Override
      boolean isRepeated(SocketPacketHeader header) {
        long id = header.ackId();
        boolean answer = header.rootNamespace() && isShifted(header.type());
        return answer && id <= calls.highest() && !calls.answered(id);
      }

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
    return new Side(downwards, down, up, link) {
      @Override
      boolean isRepeated(SocketPacketHeader header) {
        return false;
      }

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
      slow.stop();
      for (Hop hop : List.of(transport, link)) {
        if (!hop.equals(gone)) {
          hop.close(reason);
        }
      }
      up.clear();
      down.clear();
    }
  }

  /** One of the two ends. */
  private abstract class Side implements Hop.Receiver {
    private final Passage onwards;
    private final Lane lane;
    private final Lane back;
    private final Hop own;
    private final SocketPacketHeader header = new SocketPacketHeader();

    /** Attachments of a packet that goes nowhere. */
    private int dropped;

    Side(Passage onwards, Lane lane, Lane back, Hop own) {
      this.own = own;
      this.onwards = onwards;
      this.lane = lane;
      this.back = back;
    }

    /** Whether it answers a call that was answered before the new home took over. */
    abstract boolean isRepeated(SocketPacketHeader header);

    /** Whether packets of this type have the id of a call of the upstream. */
    abstract boolean isShifted(SocketPacketType type);

    abstract Message shifted(Message packet, SocketPacketHeader header);

    @Override
    public void message(Message message) throws ProtocolException {
      if (closed || ending != null) {
        return;
      }
      if (!message.text() && dropped > 0) {
        dropped--;
        return;
      }
      Message passed = message;
      if (message.text()) {
        header.read(message);
        if (isRepeated(header)) {
          dropped = header.attachments();
          return;
        }
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
      if (!closed && ending == null) {
        onwards.flush();
      }
    }

    @Override
    public void writable() {
      if (closed) {
        return;
      }
      back.drain();
      if (ending != null && back.waitingBytes() == 0) {
        end(ending);
      }
    }

    @Override
    public void acknowledged(long bytes) {
      // Only the new home knows what its client has confirmed.
    }

    @Override
    public void closed(CloseReason reason) {
      if (closed || ending != null) {
        gone = null;
        closed = true;
        slow.stop();
        up.clear();
        down.clear();
        return;
      }
      onwards.flush();
      gone = own;
      ending = reason;
      lane.forgetPart();
      if (lane.waitingBytes() == 0) {
        end(reason);
      } else {
        // What was sent before the end still goes on.
        slow.start(patience, () -> LentLink.this.end(CloseReason.SLOW_TRANSPORT));
      }
    }
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the link of a session on its former node, and forwards it to the new node until that has
 * its own link. Forwards packets both ways and shifts the ids of calls to those shown to the
 * client. Ends with either side. Confined to the session's thread.
 */
final class LinkForwarder {
  private final EngineConnection transport;
  private final EngineConnection link;
  private final Calls calls;
  private final ForwardBuffer up;
  private final ForwardBuffer down;
  private final PacketSequenceGuard upwards;
  private final PacketSequenceGuard downwards;
  private final ErrorBoundary boundary =
      new ErrorBoundary("a forwarded link", () -> end(CloseReason.INTERNAL));
  private final Timer slow;
  private final Duration timeouts;
  private @Nullable CloseReason ending;
  private @Nullable EngineConnection gone;
  private boolean closed;

  LinkForwarder(
      EngineConnection transport, EngineConnection link, Calls calls, SessionSetup setup) {
    this.transport = transport;
    this.link = link;
    this.calls = calls;
    this.slow = new Timer(boundary.guard(setup.timers()));
    this.timeouts = setup.limits().slowTransport();
    this.up = forwardBuffer(setup, transport, link);
    this.down = forwardBuffer(setup, link, transport);
    this.upwards = PacketSequenceGuard.up(up, setup, this::end);
    this.downwards =
        PacketSequenceGuard.down(down, setup, this::end, () -> end(CloseReason.NO_BUFFERS));
  }

  private static ForwardBuffer forwardBuffer(
      SessionSetup setup, EngineConnection from, EngineConnection to) {
    ForwardBuffer forwardBuffer = new ForwardBuffer(setup.pool(), setup.limits().waitingBytes());
    forwardBuffer.from(from);
    forwardBuffer.to(to);
    return forwardBuffer;
  }

  /** Returns the boundary that ends the link after an error. */
  ErrorBoundary boundary() {
    return boundary;
  }

  /** Returns the listener for the connection to the session's new node. */
  EngineConnection.Listener ofTransport() {
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

  /** Returns the listener for the upstream. */
  EngineConnection.Listener ofLink() {
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
      for (EngineConnection connection : List.of(transport, link)) {
        if (!connection.equals(gone)) {
          connection.close(reason);
        }
      }
      up.clear();
      down.clear();
    }
  }

  /** One of the two sides. */
  private abstract class Side implements EngineConnection.Listener {
    private final PacketSequenceGuard onwards;
    private final ForwardBuffer forwardBuffer;
    private final ForwardBuffer back;
    private final EngineConnection own;
    private final SocketPacketHeader header = new SocketPacketHeader();

    /** Number of attachments that follow a dropped packet. */
    private int dropped;

    Side(
        PacketSequenceGuard onwards,
        ForwardBuffer forwardBuffer,
        ForwardBuffer back,
        EngineConnection own) {
      this.own = own;
      this.onwards = onwards;
      this.forwardBuffer = forwardBuffer;
      this.back = back;
    }

    /** Returns whether this answers a call that was answered before the new node took over. */
    abstract boolean isRepeated(SocketPacketHeader header);

    /** Returns whether packets of this type carry the id of an upstream's call. */
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
      // Only the new node knows what its client has confirmed.
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
      forwardBuffer.forgetPart();
      if (forwardBuffer.waitingBytes() == 0) {
        end(reason);
      } else {
        // Packets that arrived before the end are still forwarded.
        slow.start(timeouts, () -> LinkForwarder.this.end(CloseReason.SLOW_TRANSPORT));
      }
    }
  }
}

package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.session.SessionState.Closed;
import dev.holdfast.session.SessionState.Effect;
import dev.holdfast.session.SessionState.Opening;
import dev.holdfast.session.SessionState.Step;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One Socket.IO session of one client: performs what {@link SessionState} decides and moves packets
 * between transport and link. Confined to the thread of its first transport.
 */
public final class Session {
  private static final byte[] USER_JOIN = "[\"user-join\"".getBytes(StandardCharsets.US_ASCII);

  /**
   * Bounds of a session.
   *
   * @param attachments of one packet
   * @param waitingBytes that wait for one side before the other is not read
   * @param connectTimeout from the handshake to the client's CONNECT
   * @param slowTransport how long a link may stay unread
   */
  public record Limits(
      int attachments, long waitingBytes, Duration connectTimeout, Duration slowTransport) {}

  private final Hop transport;
  private final Surroundings surroundings;
  private final Limits limits;
  private final Timers timers;
  private final Lane up;
  private final Lane down;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private SessionState state = new Opening();
  private @Nullable Hop link;
  private @Nullable Timer connectTimer;
  private @Nullable Timer slowTimer;

  /** A session that waits for its client's CONNECT. */
  public Session(
      Hop transport, Surroundings surroundings, Limits limits, Timers timers, BufferPool pool) {
    this.transport = transport;
    this.surroundings = surroundings;
    this.limits = limits;
    this.timers = timers;
    this.up = new Lane(pool, limits.waitingBytes());
    this.down = new Lane(pool, limits.waitingBytes());
    up.from(transport);
    down.to(transport);
    this.connectTimer =
        timers.after(limits.connectTimeout(), () -> close(CloseReason.CONNECT_TIMEOUT));
  }

  /** What the transport tells. */
  public Hop.Receiver transportSide() {
    return new TransportSide();
  }

  /** Ends the session; a second call changes nothing. */
  public void close(CloseReason reason) {
    take(state.close(reason), null);
  }

  /** Whether the session is over. */
  public boolean isClosed() {
    return state instanceof Closed;
  }

  private void take(Step step, @Nullable Message connect) {
    state = step.next();
    for (Effect effect : step.effects()) {
      switch (effect) {
        case DIAL -> {
          if (connect != null) {
            dial(connect);
          }
        }
        case ANNOUNCE -> surroundings.announced();
        case CLOSE_TRANSPORT -> transport.close(reason());
        case CLOSE_LINK -> {
          if (link != null) {
            link.close(reason());
          }
        }
        case END -> end();
      }
    }
  }

  private CloseReason reason() {
    return state instanceof Closed closed ? closed.reason() : CloseReason.INTERNAL;
  }

  private void dial(Message connect) {
    cancelConnectTimer();
    Hop dialled = surroundings.dial(connect, new LinkSide());
    link = dialled;
    up.to(dialled);
    down.from(dialled);
  }

  private void cancelConnectTimer() {
    if (connectTimer != null) {
      connectTimer.cancel();
      connectTimer = null;
    }
  }

  private void end() {
    cancelConnectTimer();
    watchSlowness(false);
    up.clear();
    down.clear();
    surroundings.ended(reason());
  }

  /** A link may stay unread only for so long: the pings that it holds would end it. */
  private void watchSlowness(boolean slow) {
    if (slow && slowTimer == null) {
      slowTimer = timers.after(limits.slowTransport(), () -> close(CloseReason.SLOW_TRANSPORT));
    } else if (!slow && slowTimer != null) {
      slowTimer.cancel();
      slowTimer = null;
    }
  }

  /** Adds a message to its lane; text that may not stand here, and stray binary, is an error. */
  private void pass(Message message, Lane lane, CloseReason tooMany) throws ProtocolException {
    int missing = lane.missingAttachments();
    if (message.text()) {
      if (missing > 0) {
        throw new ProtocolException("text came while " + missing + " attachments were missing");
      }
      missing = header.attachments();
      if (missing > limits.attachments()) {
        close(tooMany);
        return;
      }
    } else if (missing == 0) {
      throw new ProtocolException("binary came without a packet that it belongs to");
    } else {
      missing--;
    }
    if (!lane.add(message, missing)) {
      close(CloseReason.NO_BUFFERS);
    }
  }

  private void flush(Lane lane) {
    if (!lane.flush()) {
      close(CloseReason.NO_BUFFERS);
    }
  }

  private boolean isUserJoin(Message message) {
    int json = header.json();
    // Nearly every event differs in its third byte.
    if (message.byteAt(json + 2) != 'u' || header.type() != SocketPacketType.EVENT) {
      return false;
    }
    for (int i = 0; i < USER_JOIN.length; i++) {
      if (message.byteAt(json + i) != USER_JOIN[i]) {
        return false;
      }
    }
    return header.rootNamespace();
  }

  private final class TransportSide implements Hop.Receiver {
    @Override
    public void message(Message message) throws ProtocolException {
      if (isClosed()) {
        return;
      }
      if (message.text()) {
        header.read(message);
        if (header.type() == SocketPacketType.CONNECT) {
          take(state.connect(), message);
        } else if (state instanceof Opening) {
          throw new ProtocolException("a packet came before CONNECT");
        } else if (isUserJoin(message)) {
          surroundings.userJoined(message);
        }
      }
      pass(message, up, CloseReason.TOO_MANY_ATTACHMENTS);
    }

    @Override
    public void batchEnd() {
      flush(up);
    }

    @Override
    public void writable() {
      down.drain();
      watchSlowness(down.isBlocked());
    }

    @Override
    public void closed(CloseReason reason) {
      close(reason);
    }
  }

  private final class LinkSide implements Hop.Receiver {
    @Override
    public void message(Message message) throws ProtocolException {
      if (isClosed()) {
        return;
      }
      if (message.text()) {
        header.read(message);
        if (header.type() == SocketPacketType.CONNECT) {
          take(state.linked(), null);
        }
      }
      pass(message, down, CloseReason.UPSTREAM_PROTOCOL);
    }

    @Override
    public void batchEnd() {
      flush(down);
      watchSlowness(down.isBlocked() && !isClosed());
    }

    @Override
    public void writable() {
      up.drain();
    }

    @Override
    public void closed(CloseReason reason) {
      flush(down);
      close(reason);
    }
  }
}

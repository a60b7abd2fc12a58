package dev.holdfast.engineio;

import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket that is to take over a polling session: {@code 2probe}, {@code 3probe}, then {@code
 * 5}. Anything else ends the WebSocket only. Confined to the WebSocket's thread.
 */
final class UpgradeProbe implements WebSocketListener {
  private static final Logger LOG = LoggerFactory.getLogger(UpgradeProbe.class);

  private enum State {
    NEW,
    PROBED,
    UPGRADED,
    ENDED
  }

  private final WebSocket socket;
  private final EngineSocket session;

  /** Identifies the WebSocket to the session, which runs it to end the WebSocket. */
  private final Runnable abandon = this::abandon;

  private State state = State.NEW;
  private @Nullable WebSocketListener next;
  private @Nullable ScheduledTask timeout;

  UpgradeProbe(WebSocket socket, EngineSocket session) {
    this.socket = socket;
    this.session = session;
  }

  /** Asks the session whether this WebSocket may take over, and starts the timeout. */
  void begin() {
    timeout = socket.timers().after(session.options().upgradeTimeout(), this::expired);
    session.execute(
        () -> {
          if (!session.probe(abandon)) {
            abandon();
          }
        });
    socket.start(ByteBuffer.allocate(0));
  }

  /** Ends the WebSocket, because the session is closed or accepts no upgrade. */
  private void abandon() {
    socket.execute(() -> end("the session accepts no upgrade"));
  }

  private void expired() {
    if (state != State.UPGRADED) {
      session.options().listener().refused("upgrade-timeout");
      LOG.info("refused a client: no upgrade within socketio.upgrade-timeout (upgrade-timeout)");
      end("the upgrade was not finished in socketio.upgrade-timeout");
    }
  }

  private void end(String why) {
    if (state == State.UPGRADED || state == State.ENDED) {
      return;
    }
    over();
    socket.close(CloseCode.POLICY, why);
  }

  private void over() {
    state = State.ENDED;
    if (timeout != null) {
      timeout.cancel();
    }
    session.execute(() -> session.probeEnded(abandon));
  }

  @Override
  public void message(Message message) throws ProtocolException {
    if (next != null) {
      next.message(message);
    } else if (state == State.NEW && EngineFrames.is(message, "2probe")) {
      state = State.PROBED;
      session.execute(this::probed);
    } else if (state == State.PROBED && EngineFrames.is(message, "5")) {
      upgrade();
    } else {
      end("an upgrade starts with 2probe and ends with 5");
    }
  }

  /**
   * Answers the probe after the session has marked it, so that no later polling request is mistaken
   * for an earlier one.
   */
  private void probed() {
    session.probed(abandon);
    Runnable answer = () -> socket.send(EngineFrames.text("3probe"));
    if (isOnSessionThread()) {
      answer.run();
    } else {
      socket.execute(answer);
    }
  }

  private boolean isOnSessionThread() {
    return socket.loop().equals(session.loop());
  }

  private void upgrade() {
    state = State.UPGRADED;
    if (timeout != null) {
      timeout.cancel();
    }
    if (isOnSessionThread()) {
      DirectWebSocketListener local = new DirectWebSocketListener(socket, session);
      next = local;
      session.upgraded(local.carrier());
    } else {
      CrossThreadUpgrade remote = new CrossThreadUpgrade(socket, session);
      next = remote;
      session.execute(() -> session.upgraded(remote.carrier()));
    }
  }

  @Override
  public void batchEnd() {
    if (next != null) {
      next.batchEnd();
    }
  }

  @Override
  public void writable() {
    if (next != null) {
      next.writable();
    }
  }

  @Override
  public void closed(WebSocketClosed how) {
    if (next != null) {
      next.closed(how);
    } else if (state != State.ENDED) {
      over();
    }
  }
}

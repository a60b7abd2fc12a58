package dev.holdfast.sessions;

import dev.holdfast.engineio.EngineClient;
import dev.holdfast.engineio.EngineFrames;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.EnginePacketType;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.MessageListener;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The link of a session that another node has handed off, forwarded by that node. The session uses
 * it until it has a link of its own. Confined to the session's thread.
 */
final class RemoteLink implements EngineConnection, MessageListener, EngineClient.Listener {
  private static final byte[] PONG = TextFrame.masked("3");
  private static final byte[] TAKEN_OVER = TextFrame.masked(SpliceControl.TAKEN_OVER);

  private final EngineClient link;
  private final Runnable lost;
  private EngineConnection.@Nullable Listener session;
  private boolean pongDue;
  private boolean takenOverDue = true;

  /**
   * Creates a link without a listener.
   *
   * @param lost runs if it breaks: the other node may have had more to forward
   */
  RemoteLink(EngineClient link, Runnable lost) {
    this.link = link;
    this.lost = lost;
  }

  /** Sends what is due before anything else, first that this node has taken the session over. */
  private void sendDue() {
    takenOverDue = takenOverDue && !link.send(ByteBuffer.wrap(TAKEN_OVER));
    if (pongDue) {
      pong();
    }
  }

  /** Sets the listener for the upstream and returns this link. */
  EngineConnection heardBy(EngineConnection.Listener listener) {
    session = listener;
    link.listener(this);
    sendDue();
    return this;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return !takenOverDue && !pongDue && link.send(frames);
  }

  @Override
  public boolean isFlushed() {
    return !takenOverDue && !pongDue && link.isFlushed();
  }

  @Override
  public void pauseReads(PauseReason reason) {
    link.pauseReads(reason);
  }

  @Override
  public void resumeReads(PauseReason reason) {
    link.resumeReads(reason);
  }

  @Override
  public boolean ping() {
    // An upstream confirms nothing.
    return false;
  }

  @Override
  public void close(CloseReason reason) {
    session = null;
    link.close(reason);
  }

  /** Returns whether the session still uses this link. */
  boolean isNeeded() {
    return session != null;
  }

  /** Sends a pong to the other node, as soon as possible. */
  void pong() {
    pongDue = takenOverDue || !link.send(ByteBuffer.wrap(PONG));
  }

  @Override
  public void opened(Announced announced) {
    throw new IllegalStateException("a remote link is open from the start");
  }

  @Override
  public void failed(String reason, String sentence, boolean refused) {
    throw new IllegalStateException("a remote link is open from the start");
  }

  @Override
  public void message(Message message) throws ProtocolException {
    if (!message.text() || message.byteAt(0) == '4') {
      if (session != null) {
        session.message(message);
      }
    } else if (EngineFrames.type(message) == EnginePacketType.PING) {
      pong();
    }
  }

  @Override
  public void batchEnd() {
    if (session != null) {
      session.batchEnd();
    }
  }

  @Override
  public void writable() {
    sendDue();
    if (!takenOverDue && !pongDue && session != null) {
      session.writable();
    }
  }

  @Override
  public void ended(CloseReason reason, String detail) {
    EngineConnection.Listener last = session;
    if (last != null) {
      session = null;
      // If it ended together with its upstream, nothing from it is missing.
      boolean whole = reason.isOfUpstream();
      if (!whole) {
        lost.run();
      }
      last.closed(whole ? CloseReason.UPSTREAM_CLOSED : CloseReason.NODE_LOST);
    }
  }
}

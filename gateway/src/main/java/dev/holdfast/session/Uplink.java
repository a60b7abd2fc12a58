package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.ErrorBoundary;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The present link and the client's CONNECT, which is the first packet on each. Confined to its
 * session.
 */
final class Uplink {
  private final ForwardBuffer up;
  private final Downstream down;
  private final Calls calls;
  private final Consumer<byte[]> replies;
  private final ErrorBoundary boundary;
  private byte[] connect;

  /** The CONNECT that the present link is still to be told; null if it was. */
  private byte @Nullable [] due;

  private boolean passesAtOnce = true;
  private byte[] reply = {};
  private @Nullable EngineConnection connection;
  private @Nullable ForwardBuffer answers;
  private @Nullable DetachableListener detachable;

  /** Tells of each reply to a CONNECT when it is the present link's. */
  Uplink(
      ForwardBuffer up,
      Downstream down,
      Calls calls,
      byte[] connect,
      Consumer<byte[]> replies,
      ErrorBoundary boundary) {
    this.boundary = boundary;
    this.up = up;
    this.replies = replies;
    this.down = down;
    this.calls = calls;
    this.connect = connect;
  }

  /** How a link is had. */
  interface Dialling {
    EngineConnection dial(EngineConnection.Listener listener);
  }

  /** Opens a link. On the first one packets follow the CONNECT, on later ones its reply. */
  void dial(Dialling how, EngineConnection.Listener listener) {
    due = connect;
    attach(how, listener);
    writable();
  }

  private void attach(Dialling how, EngineConnection.Listener listener) {
    DetachableListener next = new DetachableListener(listener, boundary);
    detachable = next;
    EngineConnection dialled = how.dial(next);
    connection = dialled;
    down.from(dialled);
  }

  /** The link takes packets. */
  void writable() {
    EngineConnection to = connection;
    if (due != null && to != null && to.send(ByteBuffer.wrap(TextFrame.masked(due)))) {
      due = null;
      if (passesAtOnce) {
        pass();
      }
    }
    up.drain();
    if (answers != null) {
      answers.drain();
    }
  }

  /** The client's packets go to the link from now on. */
  void pass() {
    if (connection != null) {
      up.to(connection);
      up.drain();
    }
  }

  /**
   * The client has connected again: later links start with this packet, but the present one is told
   * both. Returns its frame.
   */
  byte[] connectAgain(byte[] packet) {
    connect = packet;
    return TextFrame.masked(packet);
  }

  /** Sends a packet of ours, or in the client's name; it is left out if the link takes none now. */
  void say(byte[] frame) {
    if (connection != null) {
      connection.send(ByteBuffer.wrap(frame));
    }
  }

  /** The link has ended by itself: the client's packets wait for the next one. */
  void lost() {
    connection = null;
    if (detachable != null) {
      detachable.cut();
      detachable = null;
    }
    passesAtOnce = false;
    forgetAnswers();
    calls.relinked();
    down.forgetPart();
  }

  /** The present link; null if there is none. */
  @Nullable EngineConnection connection() {
    return connection;
  }

  /** What a further link is to be told first. */
  ByteBuffer connectFrame() {
    return ByteBuffer.wrap(TextFrame.masked(connect));
  }

  /** The client's last CONNECT. */
  byte[] connect() {
    return connect;
  }

  /** Goes on with a link whose upstream has let the client in with this reply. */
  void adopt(Dialling how, EngineConnection.Listener listener, byte[] payload) {
    passesAtOnce = false;
    attach(how, listener);
    replied(payload);
    pass();
  }

  /** Takes messages of the present link out. */
  void filter(DetachableListener.Filter filter) {
    Objects.requireNonNull(detachable).filter(filter);
  }

  /** Somebody else hears the link from now on. */
  void forwardThrough(EngineConnection.Listener listener, ErrorBoundary boundary) {
    Objects.requireNonNull(detachable).to(listener, boundary);
  }

  /** The upstream's reply to the CONNECT. */
  byte[] reply() {
    return reply;
  }

  /** The upstream has replied so. */
  void replied(byte[] payload) {
    reply = payload;
    replies.accept(payload);
  }

  /** The buffer of answers to calls of the present link, while all else goes to another one. */
  ForwardBuffer answersGoAside(SessionSetup setup) {
    ForwardBuffer forwardBuffer = answers;
    if (forwardBuffer == null) {
      forwardBuffer = new ForwardBuffer(setup.pool(), setup.limits().waitingBytes());
      answers = forwardBuffer;
      forwardBuffer.to(Objects.requireNonNull(connection));
    }
    return forwardBuffer;
  }

  /** Whether some of them wait in it. */
  boolean hasAnswersAside() {
    return answers != null && answers.waitingBytes() > 0;
  }

  /** Whether links are between two packets: what goes in there stands before no attachment. */
  boolean isBetweenPackets() {
    return up.isBetweenPackets() && (answers == null || answers.isBetweenPackets());
  }

  private void forgetAnswers() {
    if (answers != null) {
      answers.hold();
      answers.clear();
      answers = null;
    }
  }

  /** Another link, whose upstream has replied already, takes the place of the present one. */
  void become(EngineConnection next, DetachableListener tie, byte[] payload) {
    close(CloseReason.SWITCHED_OVER);
    connection = next;
    detachable = tie;
    due = null;
    down.from(next);
    // Only now: if a listener throws, the session already owns the link and closes it.
    replied(payload);
    pass();
  }

  /** Packets wait for a later link; answers to calls of the lost one are of no use there. */
  void hold() {
    up.hold();
    up.forgetAnswers();
  }

  /** Ends the link. */
  void close(CloseReason reason) {
    EngineConnection old = connection;
    if (answers != null) {
      // The read that brought the reason to close may have brought answers before it.
      answers.flush();
    }
    lost();
    up.forgetAnswers();
    if (old != null) {
      old.close(reason);
    }
  }
}

package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.ErrorBoundary;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The present link, and the client's CONNECT, which is the first packet on each link. Confined to
 * its session.
 */
final class Uplink {
  private final ForwardBuffer up;
  private final Downstream down;
  private final Calls calls;
  private final Consumer<byte[]> replies;
  private final ErrorBoundary boundary;
  private byte[] connect;

  /** The CONNECT still to be sent over the present link; null if it was sent. */
  private byte @Nullable [] due;

  private boolean passesAtOnce = true;
  private byte[] reply = {};
  private @Nullable EngineConnection connection;
  private @Nullable ForwardBuffer answers;
  private @Nullable DetachableListener detachable;

  /**
   * Creates an uplink without a link.
   *
   * @param replies receives the payload of each CONNECT reply of the present link
   */
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

  /** Opens a link. */
  interface Dialling {
    EngineConnection dial(EngineConnection.Listener listener);
  }

  /**
   * Opens a link. On the first link, packets follow the CONNECT at once; on later links, they
   * follow its reply.
   */
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

  /** Sends what waits for the link, as far as it accepts frames. */
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

  /** Directs the client's packets to the present link. */
  void pass() {
    if (connection != null) {
      up.to(connection);
      up.drain();
    }
  }

  /**
   * Records a further CONNECT of the client and returns its frame. Later links start with this
   * packet; the present link receives both.
   */
  byte[] connectAgain(byte[] packet) {
    connect = packet;
    return TextFrame.masked(packet);
  }

  /** Records that the link has ended by itself. The client's packets wait for the next link. */
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

  /** Returns the present link; null if there is none. */
  @Nullable EngineConnection connection() {
    return connection;
  }

  /** Returns the frame of the CONNECT, which a new link has to receive first. */
  ByteBuffer connectFrame() {
    return ByteBuffer.wrap(TextFrame.masked(connect));
  }

  /** Returns the payload of the client's last CONNECT. */
  byte[] connect() {
    return connect;
  }

  /** Continues over a link whose upstream has already accepted the client with this reply. */
  void adopt(Dialling how, EngineConnection.Listener listener, byte[] payload) {
    passesAtOnce = false;
    attach(how, listener);
    replied(payload);
    pass();
  }

  /** Adds a filter for the messages of the present link. */
  void filter(DetachableListener.Filter filter) {
    Objects.requireNonNull(detachable).filter(filter);
  }

  /** Replaces the listener of the link and its error boundary. */
  void forwardThrough(EngineConnection.Listener listener, ErrorBoundary boundary) {
    Objects.requireNonNull(detachable).to(listener, boundary);
  }

  /** Returns the payload of the upstream's CONNECT reply. */
  byte[] reply() {
    return reply;
  }

  /** Records and reports the upstream's CONNECT reply. */
  void replied(byte[] payload) {
    reply = payload;
    replies.accept(payload);
  }

  /**
   * Returns the buffer for answers to calls of the present link, while all other packets go to
   * another link.
   */
  ForwardBuffer answersGoAside(SessionSetup setup) {
    ForwardBuffer forwardBuffer = answers;
    if (forwardBuffer == null) {
      forwardBuffer = new ForwardBuffer(setup.pool(), setup.limits().waitingBytes());
      answers = forwardBuffer;
      forwardBuffer.to(Objects.requireNonNull(connection));
    }
    return forwardBuffer;
  }

  /** Returns whether that buffer holds answers. */
  boolean hasAnswersAside() {
    return answers != null && answers.waitingBytes() > 0;
  }

  /**
   * Returns whether both ways to the links are between packets: a packet inserted now separates no
   * packet from its attachments.
   */
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

  /** Replaces the present link by one whose upstream has already replied. */
  void become(EngineConnection next, DetachableListener tie, byte[] payload) {
    close(CloseReason.SWITCHED_OVER);
    connection = next;
    detachable = tie;
    due = null;
    down.from(next);
    // Reported only now: if the callback throws, the session already owns the link and closes it.
    replied(payload);
    pass();
  }

  /**
   * Holds packets for a later link. Drops answers to calls of the lost link, which mean nothing
   * there.
   */
  void hold() {
    up.hold();
    up.forgetAnswers();
  }

  /** Closes the link. */
  void close(CloseReason reason) {
    EngineConnection old = connection;
    if (answers != null) {
      // The read that caused the close may contain earlier answers.
      answers.flush();
    }
    lost();
    up.forgetAnswers();
    if (old != null) {
      old.close(reason);
    }
  }
}

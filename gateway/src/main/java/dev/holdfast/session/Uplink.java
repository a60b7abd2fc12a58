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
  private final Lane up;
  private final Downstream down;
  private final Calls calls;
  private final Consumer<byte[]> replies;
  private final ErrorBoundary boundary;
  private byte[] connect;
  private boolean connectDue;
  private boolean passesAtOnce = true;
  private byte[] reply = {};
  private @Nullable Hop hop;
  private @Nullable Lane answers;
  private @Nullable Attachment attachment;

  /** Tells of each reply to a CONNECT when it is the present link's. */
  Uplink(
      Lane up,
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
    Hop dial(Hop.Receiver receiver);
  }

  /** Opens a link. On the first one packets follow the CONNECT, on later ones its reply. */
  void dial(Dialling how, Hop.Receiver receiver) {
    connectDue = true;
    attach(how, receiver);
    writable();
  }

  private void attach(Dialling how, Hop.Receiver receiver) {
    Attachment next = new Attachment(receiver, boundary);
    attachment = next;
    Hop dialled = how.dial(next);
    hop = dialled;
    down.from(dialled);
  }

  /** The link takes packets. */
  void writable() {
    Hop to = hop;
    if (connectDue && to != null && to.send(connectFrame())) {
      connectDue = false;
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
    if (hop != null) {
      up.to(hop);
      up.drain();
    }
  }

  /** The client has connected again: later links start with this packet. Returns its frame. */
  byte[] connectAgain(byte[] packet) {
    connect = packet;
    return TextFrame.masked(packet);
  }

  /** Sends a packet of ours, or in the client's name; it is left out if the link takes none now. */
  void say(byte[] frame) {
    if (hop != null) {
      hop.send(ByteBuffer.wrap(frame));
    }
  }

  /** The link has ended by itself: the client's packets wait for the next one. */
  void lost() {
    hop = null;
    if (attachment != null) {
      attachment.cut();
      attachment = null;
    }
    passesAtOnce = false;
    forgetAnswers();
    calls.relinked();
    down.forgetPart();
  }

  /** The present link; null if there is none. */
  @Nullable Hop hop() {
    return hop;
  }

  /** What each link is to be told first. */
  ByteBuffer connectFrame() {
    return ByteBuffer.wrap(TextFrame.masked(connect));
  }

  /** The client's last CONNECT. */
  byte[] connect() {
    return connect;
  }

  /** Goes on with a link whose upstream has let the client in with this reply. */
  void inherit(Dialling how, Hop.Receiver receiver, byte[] payload) {
    passesAtOnce = false;
    attach(how, receiver);
    replied(payload);
    pass();
  }

  /** Takes messages of the present link out. */
  void filter(Attachment.Filter filter) {
    Objects.requireNonNull(attachment).filter(filter);
  }

  /** Somebody else hears the link from now on. */
  void lend(Hop.Receiver receiver, ErrorBoundary boundary) {
    Objects.requireNonNull(attachment).to(receiver, boundary);
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

  /** The lane of answers to calls of the present link, while all else goes to another one. */
  Lane answersGoAside(SessionSetup setup) {
    Lane lane = answers;
    if (lane == null) {
      lane = new Lane(setup.pool(), setup.limits().waitingBytes());
      answers = lane;
      lane.to(Objects.requireNonNull(hop));
    }
    return lane;
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
  void become(Hop next, Attachment tie, byte[] payload) {
    close(CloseReason.MOVED);
    hop = next;
    attachment = tie;
    connectDue = false;
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
    Hop old = hop;
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

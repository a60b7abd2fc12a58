package dev.holdfast.session;

import dev.holdfast.protocol.EventName;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Processes a client's packets on their way to the upstream: reports {@code user-join}, forwards
 * one answer to each call, and drops duplicate heartbeats. Confined to its session.
 */
final class ClientPackets {
  /** Handles the packets that affect the session. */
  interface Session {
    /** Called when the client connects again over its transport. Returns the packet to forward. */
    Message connecting(Message packet);

    /** Called when the client disconnects. Returns whether to forward the packet. */
    boolean disconnecting();

    /** Called when the client sends an event, which it does only while connected. */
    void emitting();
  }

  /** The event by which Open WebUI's page reports that it is present. */
  static final String HEARTBEAT = "42[\"heartbeat\",{}]";

  private static final byte[] HEARTBEAT_JSON = ascii(HEARTBEAT.substring(2));
  private static final String USER_JOIN = "user-join";

  private final PacketSequenceGuard upwards;
  private final Calls calls;
  private final Namespaces namespaces;
  private final SessionContext context;
  private final SessionSetup setup;
  private final Session session;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private boolean pacesHeartbeats;
  private long lastHeartbeat;

  /** Id of the call whose answer is arriving, as shown to the client. */
  private long answering = SocketPacketHeader.NO_ACK;

  private int missingAttachments;

  /** Destination of answers. During an overlap, it is the link that sent the calls. */
  private PacketSequenceGuard answers;

  /** Last destination of answers that differed from that of other packets. */
  private @Nullable PacketSequenceGuard aside;

  /** Destination of the last packet and its attachments. */
  private PacketSequenceGuard present;

  ClientPackets(
      PacketSequenceGuard upwards,
      Calls calls,
      Namespaces namespaces,
      SessionContext context,
      SessionSetup setup,
      Session session) {
    this.upwards = upwards;
    this.calls = calls;
    this.namespaces = namespaces;
    this.context = context;
    this.setup = setup;
    this.session = session;
    this.answers = upwards;
    this.present = upwards;
  }

  /** Sets the destination of answers; null for that of all packets. */
  void answersGo(@Nullable PacketSequenceGuard guard) {
    answers = guard == null ? upwards : guard;
    aside = guard == null ? aside : guard;
  }

  /**
   * Resets the destination of answers after the loss of a link, and drops an incomplete answer to
   * it.
   */
  void linkLost() {
    answers = upwards;
    aside = null;
    if (present != upwards) {
      present.dropPart();
    }
  }

  /** Flushes what was forwarded. */
  void flush() {
    upwards.flush();
    if (aside != null) {
      aside.flush();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Starts to pace heartbeats: the page starts another heartbeat timer with each new link. */
  void relinked() {
    pacesHeartbeats = true;
    lastHeartbeat = setup.timers().nanoTime();
  }

  /** Returns whether heartbeats are paced. */
  boolean pacesHeartbeats() {
    return pacesHeartbeats;
  }

  /** Forwards a message, or drops it. */
  void message(Message message) throws ProtocolException {
    if (!message.text()) {
      present.pass(message, header);
      missingAttachments--;
      answered();
      return;
    }
    header.read(message);
    present = upwards;
    if (!header.rootNamespace()) {
      namespaces.saw(message, header, false);
      upwards.pass(message, header);
      return;
    }
    switch (header.type()) {
      case EVENT -> event(message);
      case ACK, BINARY_ACK -> answer(message);
      case CONNECT -> upwards.pass(session.connecting(message), header);
      case DISCONNECT -> {
        if (session.disconnecting()) {
          upwards.pass(message, header);
        }
      }
      case BINARY_EVENT -> {
        lookForUserJoin(message);
        pass(message);
      }
      case CONNECT_ERROR -> upwards.pass(message, header);
    }
  }

  private void pass(Message event) throws ProtocolException {
    session.emitting();
    if (header.ackId() != SocketPacketHeader.NO_ACK) {
      calls.clientAsked();
    }
    upwards.pass(event, header);
  }

  private void answer(Message answer) throws ProtocolException {
    long id = header.ackId();
    if (setup.style() == OffsetStyle.NONE) {
      upwards.pass(answer, header);
      return;
    }
    if (!calls.isUnanswered(id)) {
      context.answerDropped();
      upwards.drop(header);
      return;
    }
    answering = id;
    missingAttachments = header.attachments();
    boolean shifted = calls.isShifted();
    present = answers;
    answers.pass(shifted ? AckIds.up(answer, header, calls.ofLink(id)) : answer, header);
    answered();
  }

  /**
   * Records an answer once it is complete. Before, its call has to be replayed after a disconnect.
   */
  private void answered() {
    if (answering != SocketPacketHeader.NO_ACK && missingAttachments == 0) {
      calls.answered(answering);
      answering = SocketPacketHeader.NO_ACK;
    }
  }

  /** Forgets the incomplete packet of a client that is gone. */
  void forgetPart() {
    answering = SocketPacketHeader.NO_ACK;
    present.forgetPart();
  }

  private void event(Message event) throws ProtocolException {
    if (pacesHeartbeats && starts(event, HEARTBEAT_JSON) && comesEarly()) {
      return;
    }
    lookForUserJoin(event);
    pass(event);
  }

  private void lookForUserJoin(Message event) {
    if (EventName.is(event, header.json(), USER_JOIN)) {
      context.userJoined(event);
    }
  }

  private boolean comesEarly() {
    long now = setup.timers().nanoTime();
    Duration interval = context.heartbeatInterval().orElse(Duration.ZERO);
    // A timer of the page may fire slightly early.
    if (now - lastHeartbeat < interval.toNanos() / 4 * 3) {
      return true;
    }
    lastHeartbeat = now;
    return false;
  }

  private boolean starts(Message packet, byte[] json) {
    for (int i = 0; i < json.length; i++) {
      if (packet.byteAt(header.json() + i) != json[i]) {
        return false;
      }
    }
    return true;
  }
}

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
 * Looks at what a client sends before it goes up: learns who it is, lets one answer to each call
 * pass, and keeps heartbeats from multiplying. Confined to its session.
 */
final class ClientPackets {
  /** What a session does about it. */
  interface Session {
    /** The client connects again on its transport; the packet that goes up. */
    Message connecting(Message packet);

    /** The client disconnects; whether that goes up. */
    boolean disconnecting();

    /** The client sends an event, as it does only while it is connected. */
    void emitting();
  }

  /** The event by which Open WebUI's page says that it is there. */
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

  /** The call whose answer is coming, as the client was shown it. */
  private long answering = SocketPacketHeader.NO_ACK;

  private int missingAttachments;

  /** Where answers go: while two links overlap, to the one that has asked. */
  private PacketSequenceGuard answers;

  /** Where answers went that did not go where everything goes. */
  private @Nullable PacketSequenceGuard aside;

  /** Where the last packet went, and its attachments go. */
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

  /** From now on answers go there; null: where everything goes. */
  void answersGo(@Nullable PacketSequenceGuard guard) {
    answers = guard == null ? upwards : guard;
    aside = guard == null ? aside : guard;
  }

  /** The link is gone: so is an answer to it of which a part is missing. */
  void linkLost() {
    answers = upwards;
    aside = null;
    if (present != upwards) {
      present.dropPart();
    }
  }

  /** Passes on what has come. */
  void flush() {
    upwards.flush();
    if (aside != null) {
      aside.flush();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The page starts a further heartbeat timer with each link that it hears of. */
  void relinked() {
    pacesHeartbeats = true;
    lastHeartbeat = setup.timers().nanoTime();
  }

  /** Whether heartbeats are kept from multiplying. */
  boolean pacesHeartbeats() {
    return pacesHeartbeats;
  }

  /** Passes a message on, unless it is one to drop. */
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

  /** An answer counts when it is whole, or its call would not be asked again after a cut. */
  private void answered() {
    if (answering != SocketPacketHeader.NO_ACK && missingAttachments == 0) {
      calls.answered(answering);
      answering = SocketPacketHeader.NO_ACK;
    }
  }

  /** The client is gone: forgets the packet that still lacks attachments. */
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
    // A timer of the page may be a little early.
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

package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives a session to the node that its client is on: waits, with the link unread, until the client
 * has confirmed everything, and then tells that node what it needs. Confined to its session.
 */
final class Cession {
  private final Parts parts;
  private final Alarm limit;
  private @Nullable Hop paused;

  Cession(Parts parts) {
    this.parts = parts;
    this.limit = new Alarm(parts.setup().timers());
  }

  /**
   * Begins, if there is somebody to give a live session to. It may be that the client does not
   * confirm in time, and nothing comes of it.
   */
  void begin() {
    Hop link = Objects.requireNonNull(parts.uplink().hop());
    Hop transport = Objects.requireNonNull(parts.downlink().hop());
    if (paused == null && transport.heir().isPresent()) {
      paused = link;
      link.pauseReads(PauseReason.HANDOFF);
      limit.start(parts.setup().limits().overlap(), this::stop);
      transport.ping();
    }
  }

  /** Leaves the session where it is; it may be tried again. */
  void stop() {
    limit.stop();
    Hop link = paused;
    paused = null;
    if (link != null) {
      link.resumeReads(PauseReason.HANDOFF);
    }
  }

  /** The client has confirmed something, or takes more: the session may be given now. */
  void look() {
    Hop link = paused;
    if (link == null) {
      return;
    }
    Hop transport = Objects.requireNonNull(parts.downlink().hop());
    Optional<String> heir = transport.heir();
    if (heir.isEmpty()) {
      stop();
    } else if (isSettled()) {
      give(link, transport, heir.get());
    } else {
      transport.ping();
    }
  }

  private boolean isSettled() {
    Lane up = parts.up();
    return parts.delivery().outbox().isSettled()
        && up.waitingBytes() == 0
        && up.missingAttachments() == 0;
  }

  private void give(Hop link, Hop transport, String heir) {
    byte[] will = parts.surroundings().will(estate());
    if (!transport.send(ByteBuffer.wrap(TextFrame.of(will)))) {
      // It is told again when the transport takes something.
      return;
    }
    paused = null;
    limit.stop();
    LentLink lent = new LentLink(transport, link, parts.calls(), parts.setup());
    parts.downlink().attachment().to(lent.ofTransport(), lent.boundary());
    parts.uplink().lend(lent.ofLink(), lent.boundary());
    parts.surroundings().ceded(heir);
    parts.session().step(SessionState::ceded);
    link.resumeReads(PauseReason.HANDOFF);
  }

  private Estate estate() {
    Delivery delivery = parts.delivery();
    return new Estate(
        parts.setup().tag(),
        delivery.outbox().counter(),
        parts.setup().style() == SessionSetup.OffsetStyle.ARGUMENT,
        delivery.given(),
        delivery.isPidKnown(),
        new String(parts.uplink().connect(), StandardCharsets.UTF_8),
        new String(parts.uplink().reply(), StandardCharsets.UTF_8),
        parts.calls().highest(),
        parts.calls().waiting(),
        parts.clientPackets().pacesHeartbeats());
  }
}

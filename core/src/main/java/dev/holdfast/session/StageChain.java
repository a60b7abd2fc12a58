package dev.holdfast.session;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.PacketStage.Direction;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The stages of one direction. A packet that none of them wants costs a comparison of its kind, and
 * an event one more of its first letter. Confined to its session.
 */
final class StageChain {
  /** Receives what has passed the stages. The header is {@link #header}. */
  interface Next {
    /** Called with the text of a packet. */
    void packet(Message text) throws ProtocolException;

    /** Called with the next attachment of a packet, also of a dropped one. */
    void attachment(Message attachment) throws ProtocolException;

    /** Called to drop a packet, whose attachments follow. */
    void drop();

    /** Called after the last message that was held. */
    void flush();

    /** Called if what was held is against the protocol. */
    void broken();
  }

  private final Direction direction;
  private final PacketView view;
  private final Next next;
  private final Suspension suspension;
  private final SocketPacketHeader header = new SocketPacketHeader();

  /** Whether the first message that is held has passed the stages. */
  private boolean shown;

  private List<InstalledStage> stages = List.of();

  /** The kinds of packets that some stage wants. */
  private int kinds;

  /** Those of which some stage wants all, whatever their name. */
  private int unnamed;

  /** The first letters of the names that stages want, as a set of bits that some letters share. */
  private long letters;

  StageChain(Direction direction, SessionSetup setup, Next next) {
    this.direction = direction;
    this.next = next;
    this.suspension = new Suspension(setup, this::forward);
    this.view = new PacketView(direction);
  }

  /** Sets the stages of this session; those of the other direction are ignored. */
  void set(List<InstalledStage> installed) {
    stages = installed.stream().filter(each -> each.goes(direction)).toList();
    kinds = 0;
    unnamed = 0;
    letters = 0;
    for (InstalledStage each : stages) {
      PacketFilter filter = each.filter();
      kinds |= filter.kinds();
      if (filter.name().isEmpty()) {
        unnamed |= filter.kinds();
      } else {
        // Any letter may be escaped.
        letters |= 1L << filter.name().charAt(0) | 1L << '\\';
      }
    }
  }

  boolean goes(Direction which) {
    return which.includes(direction);
  }

  /** Returns the suspension of this direction. */
  Suspension suspension() {
    return suspension;
  }

  /** Returns the header of the last packet. */
  SocketPacketHeader header() {
    return header;
  }

  /** Shows a message to the stages that want it, and passes on what they let pass. */
  void message(Message message) throws ProtocolException {
    if (suspension.isActive()) {
      suspension.hold(message);
    } else if (message.text()) {
      header.read(message);
      Message passed = isWanted(message) ? show(message) : message;
      if (passed != null) {
        next.packet(passed);
      }
    } else {
      next.attachment(message);
    }
  }

  private void forward(byte[] frames) {
    boolean[] first = {shown};
    shown = false;
    try {
      FrameBatch.each(
          frames,
          direction == Direction.TO_UPSTREAM,
          message -> {
            if (first[0]) {
              first[0] = false;
              header.read(message);
              next.packet(message);
            } else {
              message(message);
            }
          });
      next.flush();
    } catch (ProtocolException e) {
      next.flush();
      next.broken();
    }
  }

  private boolean isWanted(Message packet) {
    int kind = PacketFilter.kind(header.type(), header.rootNamespace());
    return (kinds & kind) != 0 && ((unnamed & kind) != 0 || mayBeNamed(packet));
  }

  private boolean mayBeNamed(Message event) {
    int json = header.json();
    // Blanks may precede the name.
    return event.byteAt(json + 1) != '"' || (letters & 1L << event.byteAt(json + 2)) != 0;
  }

  /** Returns the packet to pass on now; null if a stage dropped it or suspended the direction. */
  private @Nullable Message show(Message packet) throws ProtocolException {
    Message passed = packet;
    for (InstalledStage stage : stages) {
      if (stage.filter().accepts(passed, header)) {
        switch (stage.on(view.of(passed, header))) {
          case PASS -> {
            // The next stage looks at it.
          }
          case DROP -> {
            next.drop();
            return null;
          }
          case REPLACED -> {
            passed = Objects.requireNonNull(stage.replacement());
            header.read(passed);
          }
        }
      }
    }
    if (suspension.isActive()) {
      shown = true;
      suspension.hold(passed);
      return null;
    }
    return passed;
  }
}

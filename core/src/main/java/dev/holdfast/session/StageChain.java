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
  private static final int LETTERS = 128;

  /** Receives the packets that have passed the stages. */
  interface Next {
    /** Called with a message that was held before the stages saw it. */
    void message(Message message) throws ProtocolException;

    /** Called with the text of a packet that was held after the stages saw it. */
    void shown(Message packet) throws ProtocolException;

    /** Called to drop a packet. */
    void drop(SocketPacketHeader header);

    /** Called after the last message that was held. */
    void flush();

    /** Called if what was held is against the protocol. */
    void broken();
  }

  private final Direction direction;
  private final PacketView view;
  private final Next next;
  private final Suspension suspension;

  /** Whether the first message that is held has passed the stages. */
  private boolean shown;

  private List<InstalledStage> stages = List.of();

  /** The kinds of packets that some stage wants. */
  private int kinds;

  /** Those of which some stage wants all, whatever their name. */
  private int unnamed;

  /** How the names begin that stages want. */
  private final boolean[] letters = new boolean[LETTERS];

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
    for (InstalledStage each : stages) {
      PacketFilter filter = each.filter();
      kinds |= filter.kinds();
      if (filter.name().isEmpty()) {
        unnamed |= filter.kinds();
      } else {
        letters[filter.name().charAt(0)] = true;
        // Any letter may be escaped.
        letters['\\'] = true;
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

  /** Returns whether the direction is suspended and the message was held. */
  boolean holds(Message message) {
    if (!suspension.isActive()) {
      return false;
    }
    suspension.hold(message);
    return true;
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
              next.shown(message);
            } else {
              next.message(message);
            }
          });
      next.flush();
    } catch (ProtocolException e) {
      next.flush();
      next.broken();
    }
  }

  /**
   * Shows a packet to the stages that want it.
   *
   * @param header of the packet; afterwards that of the result
   * @return the packet to forward now; null if a stage dropped it or suspended the direction
   */
  @Nullable Message pass(Message packet, SocketPacketHeader header) throws ProtocolException {
    int kind = PacketFilter.kind(header.type(), header.rootNamespace());
    boolean wanted =
        (kinds & kind) != 0 && ((unnamed & kind) != 0 || mayBeNamed(packet, header.json()));
    return wanted ? show(packet, header) : packet;
  }

  private boolean mayBeNamed(Message event, int json) {
    // Blanks may precede the name.
    return event.byteAt(json + 1) != '"' || letters[event.byteAt(json + 2) & (LETTERS - 1)];
  }

  private @Nullable Message show(Message packet, SocketPacketHeader header)
      throws ProtocolException {
    Message passed = packet;
    for (InstalledStage stage : stages) {
      if (stage.filter().accepts(passed, header)) {
        switch (stage.on(view.of(passed, header))) {
          case PASS -> {
            // The next stage looks at it.
          }
          case DROP -> {
            next.drop(header);
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

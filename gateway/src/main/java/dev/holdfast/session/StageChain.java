package dev.holdfast.session;

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

  private final Direction direction;
  private final PacketView view;
  private List<InstalledStage> stages = List.of();

  /** The kinds of packets that some stage wants. */
  private int kinds;

  /** Those of which some stage wants all, whatever their name. */
  private int unnamed;

  /** How the names begin that stages want. */
  private final boolean[] letters = new boolean[LETTERS];

  StageChain(Direction direction) {
    this.direction = direction;
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

  /**
   * Shows a packet to the stages that want it.
   *
   * @param header of the packet; afterwards that of the result
   * @return the packet to forward; null if a stage dropped it
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
            return null;
          }
          case REPLACED -> {
            passed = Objects.requireNonNull(stage.replacement());
            header.read(passed);
          }
        }
      }
    }
    return passed;
  }
}

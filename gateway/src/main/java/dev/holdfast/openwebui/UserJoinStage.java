package dev.holdfast.openwebui;

import dev.holdfast.protocol.Message;
import dev.holdfast.session.PacketFilter;
import dev.holdfast.session.PacketStage;
import dev.holdfast.session.PacketView;
import dev.holdfast.session.StageContext;
import java.util.function.Consumer;

/** Reports {@code user-join} events, with which a page proves who its user is. */
public final class UserJoinStage implements PacketStage {
  private final Consumer<Message> joined;

  /** Creates a stage that reports each such event. */
  public UserJoinStage(Consumer<Message> joined) {
    this.joined = joined;
  }

  @Override
  public String name() {
    return "user-join";
  }

  @Override
  public Direction direction() {
    return Direction.TO_UPSTREAM;
  }

  @Override
  public PacketFilter filter() {
    return PacketFilter.event("user-join");
  }

  @Override
  public Verdict on(PacketView packet, StageContext session) {
    joined.accept(packet.message());
    return Verdict.PASS;
  }
}

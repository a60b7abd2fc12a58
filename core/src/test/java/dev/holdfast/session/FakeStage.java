package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A stage that records what it is shown, and does what its test says. */
final class FakeStage implements PacketStage {
  final List<String> seen = new ArrayList<>();
  final List<SessionPhase> phases = new ArrayList<>();
  BiFunction<PacketView, StageContext, Verdict> action = (packet, session) -> Verdict.PASS;
  @Nullable StageContext session;
  byte[] state = {};
  private final String name;
  private final Direction direction;
  private final PacketFilter filter;

  FakeStage(String name, Direction direction, PacketFilter filter) {
    this.name = name;
    this.direction = direction;
    this.filter = filter;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Direction direction() {
    return direction;
  }

  @Override
  public PacketFilter filter() {
    return filter;
  }

  @Override
  public Verdict on(PacketView packet, StageContext context) {
    seen.add(new String(packet.message().bytes(0), UTF_8));
    return action.apply(packet, context);
  }

  @Override
  public void phase(SessionPhase phase, StageContext context) {
    phases.add(phase);
    session = context;
  }

  @Override
  public byte[] save() {
    return state;
  }

  @Override
  public void restore(byte[] saved, StageContext context) {
    state = saved;
    session = context;
  }
}

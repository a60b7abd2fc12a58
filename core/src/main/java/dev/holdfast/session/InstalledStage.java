package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.session.PacketStage.Verdict;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A stage of a session, inside the boundary that removes it. Confined to its session. */
final class InstalledStage implements StageContext {
  private final PacketStage stage;
  private final PacketFilter filter;
  private final Stages session;
  private final PacketInjector injector;
  private final ErrorBoundary boundary;
  private final Timers timers;
  private Verdict verdict = Verdict.PASS;

  /** The packet that the stage looks at; null outside of such a call. */
  private @Nullable PacketView present;

  private @Nullable Message replacement;

  /** Installs a stage, which is removed from {@code session} if it throws. */
  InstalledStage(PacketStage stage, Stages session, Timers timers, PacketInjector injector) {
    this.stage = stage;
    this.session = session;
    this.filter = stage.filter();
    this.injector = injector;
    this.boundary = new ErrorBoundary("stage " + stage.name(), () -> session.remove(this));
    this.timers = boundary.guard(timers);
  }

  String name() {
    return stage.name();
  }

  boolean goes(Direction direction) {
    return stage.direction().includes(direction);
  }

  PacketFilter filter() {
    return filter;
  }

  /** Shows a packet to the stage. It passes if the stage throws. */
  Verdict on(PacketView packet) {
    verdict = Verdict.PASS;
    replacement = null;
    present = packet;
    boundary.enter(this, packet, InstalledStage::show);
    present = null;
    return verdict;
  }

  private void show(PacketView packet) {
    Verdict decided = stage.on(packet, this);
    if (decided == Verdict.REPLACED && replacement == null) {
      throw new IllegalStateException("no replacement was given");
    }
    verdict = decided;
  }

  /** Returns the replacement of the last packet. */
  @Nullable Message replacement() {
    return replacement;
  }

  void phase(SessionPhase phase) {
    boundary.run(() -> stage.phase(phase, this));
  }

  byte[] save() {
    return boundary.call(stage::save, error -> new byte[0]);
  }

  void restore(String base64) {
    boundary.run(() -> stage.restore(Base64.getDecoder().decode(base64), this));
  }

  @Override
  public Timers timers() {
    return timers;
  }

  @Override
  public void replace(byte[] packet) {
    PacketView replaced = present;
    if (replaced == null) {
      throw new IllegalStateException("there is no packet to replace");
    }
    SocketPacketHeader header = new SocketPacketHeader();
    Message message = PacketInjector.message(packet, replaced.direction(), header);
    if (header.attachments() != replaced.attachments()) {
      throw new IllegalArgumentException("a packet was replaced by one with other attachments");
    }
    replacement = message;
  }

  @Override
  public void suspend(Direction direction, Duration time) {
    session.suspend(this, direction, time);
  }

  @Override
  public void resume(Direction direction) {
    session.resume(this, direction);
  }

  @Override
  public boolean sendToClient(byte[] packet) {
    return injector.sendToClient(packet);
  }

  @Override
  public boolean sendToUpstream(byte[] packet) {
    return injector.sendToUpstream(packet);
  }
}

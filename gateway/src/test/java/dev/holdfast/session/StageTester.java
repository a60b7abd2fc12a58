package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Shows packets to one stage, in place of a session. */
public final class StageTester implements StageContext {
  /** What the stage has sent the client. */
  public final List<String> toClient = new ArrayList<>();

  /** What the stage has sent the upstream. */
  public final List<String> toUpstream = new ArrayList<>();

  private final ManualTimers timers = new ManualTimers();
  private final PacketStage stage;

  /** Whether the stage suspends a direction. */
  public boolean suspended;

  private String replacement = "";

  /** Tests this stage. */
  public StageTester(PacketStage stage) {
    this.stage = stage;
  }

  /** Returns what becomes of a packet in the stage's direction: it, another one, or nothing. */
  public String pass(String packet) {
    SocketPacketHeader header = new SocketPacketHeader();
    Message message = PacketInjector.message(packet.getBytes(UTF_8), stage.direction(), header);
    if (!stage.filter().accepts(message, header)) {
      return packet;
    }
    PacketView view = new PacketView(stage.direction()).of(message, header);
    return switch (stage.on(view, this)) {
      case PASS -> packet;
      case DROP -> "";
      case REPLACED -> replacement;
    };
  }

  /** The session enters a phase. */
  public void phase(SessionPhase phase) {
    stage.phase(phase, this);
  }

  @Override
  public ManualTimers timers() {
    return timers;
  }

  @Override
  public void replace(byte[] packet) {
    replacement = new String(packet, UTF_8);
  }

  @Override
  public void suspend(PacketStage.Direction direction, Duration time) {
    suspended = true;
  }

  @Override
  public void resume(PacketStage.Direction direction) {
    suspended = false;
  }

  @Override
  public boolean sendToClient(byte[] packet) {
    return toClient.add(new String(packet, UTF_8));
  }

  @Override
  public boolean sendToUpstream(byte[] packet) {
    return toUpstream.add(new String(packet, UTF_8));
  }
}

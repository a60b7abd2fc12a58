package dev.holdfast.openwebui;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.session.PacketFilter;
import dev.holdfast.session.PacketStage;
import dev.holdfast.session.PacketView;
import dev.holdfast.session.SessionPhase;
import dev.holdfast.session.StageContext;
import dev.holdfast.time.Timers.ScheduledTask;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends heartbeats on behalf of a page that is away, without which Open WebUI would remove it from
 * its pools. Drops duplicate ones: with each new link, the page starts another heartbeat timer.
 */
public final class HeartbeatStage implements PacketStage {
  /** The event by which Open WebUI's page reports that it is present. */
  public static final String HEARTBEAT = "42[\"heartbeat\",{}]";

  private static final byte[] PACKET = HEARTBEAT.getBytes(US_ASCII);
  private static final byte[] PACED = {1};

  private final Supplier<Optional<Duration>> interval;
  private @Nullable ScheduledTask next;
  private boolean paced;
  private long lastAt;

  /**
   * Creates a stage.
   *
   * @param interval how often the present upstream expects a heartbeat; empty if never
   */
  public HeartbeatStage(Supplier<Optional<Duration>> interval) {
    this.interval = interval;
  }

  @Override
  public String name() {
    return "heartbeat";
  }

  @Override
  public Direction direction() {
    return Direction.TO_UPSTREAM;
  }

  @Override
  public PacketFilter filter() {
    return PacketFilter.event("heartbeat");
  }

  @Override
  public Verdict on(PacketView packet, StageContext session) {
    boolean early = paced && isUsual(packet) && comesEarly(session.timers().nanoTime());
    return early ? Verdict.DROP : Verdict.PASS;
  }

  private static boolean isUsual(PacketView packet) {
    for (int i = 2; i < PACKET.length; i++) {
      if (packet.message().byteAt(packet.json() + i - 2) != PACKET[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean comesEarly(long now) {
    // A timer of the page may fire slightly early.
    if (now - lastAt < interval.get().orElse(Duration.ZERO).toNanos() / 4 * 3) {
      return true;
    }
    lastAt = now;
    return false;
  }

  @Override
  public void phase(SessionPhase phase, StageContext session) {
    switch (phase) {
      case LINKED -> pace(session);
      case PARKED -> interval.get().ifPresent(every -> schedule(every, session));
      case RESUMED, CLOSED -> stop();
      case OPENED -> {
        // The page has one timer.
      }
    }
  }

  private void pace(StageContext session) {
    paced = true;
    lastAt = session.timers().nanoTime();
  }

  private void schedule(Duration every, StageContext session) {
    next =
        session
            .timers()
            .after(
                every,
                () -> {
                  session.sendToUpstream(PACKET);
                  schedule(every, session);
                });
  }

  private void stop() {
    if (next != null) {
      next.cancel();
      next = null;
    }
  }

  @Override
  public byte[] save() {
    return paced ? PACED.clone() : new byte[0];
  }

  @Override
  public void restore(byte[] saved, StageContext session) {
    pace(session);
  }
}

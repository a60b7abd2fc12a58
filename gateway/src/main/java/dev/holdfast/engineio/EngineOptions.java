package dev.holdfast.engineio;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import java.time.Duration;

/**
 * How the Engine.IO server behaves towards clients.
 *
 * @param upgradeTimeout from a probe to the end of its upgrade
 * @param pollingIdle without a polling request
 * @param postPackets in one POST
 * @param remoteBytes on their way between a session and a transport on another thread or node
 * @param slowTransport how long a close waits for a peer to take what goes before it
 */
public record EngineOptions(
    Duration upgradeTimeout,
    Duration pollingIdle,
    int postPackets,
    long remoteBytes,
    Duration slowTransport,
    BufferPool pool,
    Metrics metrics) {
  /** As is set. */
  public static EngineOptions of(Settings settings, BufferPool pool, Metrics metrics) {
    return new EngineOptions(
        settings.get(EdgeKeys.UPGRADE_TIMEOUT),
        settings.get(LimitKeys.POLLING_IDLE),
        settings.get(LimitKeys.POST_PACKETS),
        settings.get(LimitKeys.WAITING),
        settings.get(LimitKeys.SLOW_TRANSPORT),
        pool,
        metrics);
  }
}

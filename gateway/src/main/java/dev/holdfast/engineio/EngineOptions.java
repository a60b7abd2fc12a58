package dev.holdfast.engineio;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import java.time.Duration;

/**
 * The limits and shared resources of the Engine.IO server.
 *
 * @param upgradeTimeout from the opened WebSocket to the end of its upgrade
 * @param pollingIdle how long a session may have no polling request
 * @param postPackets maximum number of packets in one POST
 * @param remoteBytes maximum bytes in flight between a session and a transport on another thread or
 *     node
 * @param slowTransport how long a close waits for the peer to accept preceding data
 */
public record EngineOptions(
    Duration upgradeTimeout,
    Duration pollingIdle,
    int postPackets,
    long remoteBytes,
    Duration slowTransport,
    BufferPool pool,
    Metrics metrics) {
  /** Returns the options in the settings. */
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

package dev.holdfast.edge;

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
    Metrics metrics) {}

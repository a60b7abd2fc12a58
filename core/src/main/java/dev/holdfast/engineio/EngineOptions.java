package dev.holdfast.engineio;

import dev.holdfast.memory.BufferPool;
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
    EngineListener listener) {}

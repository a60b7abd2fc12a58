/**
 * The Engine.IO server towards clients: handshake, WebSocket, polling, upgrade, heartbeats and
 * limits on connections. Knows no sessions: the {@code Application} decides what a socket is for.
 */
@NullMarked
package dev.holdfast.engineio;

import org.jspecify.annotations.NullMarked;

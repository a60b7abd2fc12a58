/**
 * The Engine.IO server for clients: handshake, WebSocket, polling, upgrade, heartbeats and limits
 * on connections. Has no notion of sessions above it: the {@code Application} decides what a socket
 * is for.
 */
@NullMarked
package dev.holdfast.engineio;

import org.jspecify.annotations.NullMarked;

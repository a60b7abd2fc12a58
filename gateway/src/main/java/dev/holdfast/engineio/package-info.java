/**
 * The Engine.IO server for clients: handshake, WebSocket, polling, upgrade, heartbeats and limits
 * on connections. Has no notion of sessions above it: the {@code Application} decides what a socket
 * is for. What it needs of the server around it are the ports of {@code EngineHandler.Context}.
 */
@NullMarked
package dev.holdfast.engineio;

import org.jspecify.annotations.NullMarked;

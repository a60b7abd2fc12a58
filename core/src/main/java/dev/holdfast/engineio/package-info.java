/**
 * The Engine.IO server for clients: handshake, WebSocket, polling, upgrade, heartbeats and limits
 * on connections; and the Engine.IO client of links. Has no notion of sessions above it: the {@code
 * Application} decides what a socket is for. What the server needs around it are the ports of
 * {@code EngineHandler.Context}.
 */
@NullMarked
package dev.holdfast.engineio;

import org.jspecify.annotations.NullMarked;

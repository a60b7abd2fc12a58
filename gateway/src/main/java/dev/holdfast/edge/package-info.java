/**
 * The Engine.IO server towards clients: handshake, WebSocket, polling, upgrade, origin and limits.
 */
@NullMarked
package dev.holdfast.edge;

import org.jspecify.annotations.NullMarked;

/**
 * A stand-in for Open WebUI for {@code holdfast demo}: the endpoints that a gateway asks, a
 * Socket.IO server over WebSocket, and a page. Knows nothing of the gateway.
 */
@NullMarked
package dev.holdfast.cli.demo;

import org.jspecify.annotations.NullMarked;

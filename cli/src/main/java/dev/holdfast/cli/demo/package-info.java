/**
 * A stand-in for Open WebUI for {@code holdfast demo}: the endpoints that a gateway uses, a
 * Socket.IO server over WebSocket, and a page. Independent of the gateway.
 */
@NullMarked
package dev.holdfast.cli.demo;

import org.jspecify.annotations.NullMarked;

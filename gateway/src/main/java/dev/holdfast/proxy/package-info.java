/**
 * Forwards HTTP requests: all but Socket.IO to upstreams, and Socket.IO requests of sessions on
 * other nodes to those nodes. Does not parse Socket.IO packets.
 */
@NullMarked
package dev.holdfast.proxy;

import org.jspecify.annotations.NullMarked;

/**
 * Passes HTTP requests through: those that are not Socket.IO to upstreams, and Socket.IO requests
 * of sessions on other nodes to these. Reads no Socket.IO packets.
 */
@NullMarked
package dev.holdfast.proxy;

import org.jspecify.annotations.NullMarked;

/**
 * Values and codecs of RFC 6455, Engine.IO 4 and Socket.IO 5, and the parser of JSON from peers.
 * Uses no I/O, clock, settings or log.
 */
@NullMarked
package dev.holdfast.protocol;

import org.jspecify.annotations.NullMarked;

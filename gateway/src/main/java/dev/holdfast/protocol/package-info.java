/**
 * Values and codecs of RFC 6455, RFC 9112 response heads, Engine.IO 4 and Socket.IO 5. Knows no
 * I/O, no clock, no settings and no log.
 */
@NullMarked
package dev.holdfast.protocol;

import org.jspecify.annotations.NullMarked;

/**
 * One Socket.IO session of a client: its states, what waits for either side, and the ports to its
 * transport and its link. Never reads a clock, starts a thread or knows what a socket is.
 */
@NullMarked
package dev.holdfast.session;

import org.jspecify.annotations.NullMarked;

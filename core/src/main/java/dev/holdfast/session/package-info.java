/**
 * The Socket.IO session of a client: its states, its buffers for either side, and the ports to its
 * transport and its link. Never reads a clock, starts a thread or depends on sockets.
 */
@NullMarked
package dev.holdfast.session;

import org.jspecify.annotations.NullMarked;

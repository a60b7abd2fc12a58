/**
 * The sessions of this node: admission by user, a registry with one entry per session, and the
 * choice of the session for a client's transport. Knows neither HTTP nor sockets.
 */
@NullMarked
package dev.holdfast.sessions;

import org.jspecify.annotations.NullMarked;

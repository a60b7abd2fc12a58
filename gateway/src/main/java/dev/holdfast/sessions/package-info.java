/**
 * The sessions of this node: admission by user, one registry with an entry for each session, and
 * the choice of what a client's transport leads to. Knows neither HTTP nor sockets.
 */
@NullMarked
package dev.holdfast.sessions;

import org.jspecify.annotations.NullMarked;

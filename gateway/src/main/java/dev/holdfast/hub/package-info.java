/**
 * The sessions of this node by id and by user, and the limits on connections. Independent of
 * sockets.
 */
@NullMarked
package dev.holdfast.hub;

import org.jspecify.annotations.NullMarked;

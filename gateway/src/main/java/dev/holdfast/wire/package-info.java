/**
 * Open connections on XNIO conduits: read, batch, gathered write, back-pressure. Knows frames but
 * no Engine.IO packet.
 */
@NullMarked
package dev.holdfast.wire;

import org.jspecify.annotations.NullMarked;

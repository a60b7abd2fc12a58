/**
 * Open connections on XNIO conduits: reading, batching, writing, back-pressure. Knows frames, but
 * no Engine.IO packets.
 */
@NullMarked
package dev.holdfast.wire;

import org.jspecify.annotations.NullMarked;

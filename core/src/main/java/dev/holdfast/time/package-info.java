/**
 * Event loops, clocks and timers, and the boundary that confines an error to its session; the only
 * user of {@code System.nanoTime}.
 */
@NullMarked
package dev.holdfast.time;

import org.jspecify.annotations.NullMarked;

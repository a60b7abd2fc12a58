/**
 * Event loops, the clock and timers, and what keeps an error in its session; the only user of
 * {@code System.nanoTime}.
 */
@NullMarked
package dev.holdfast.time;

import org.jspecify.annotations.NullMarked;

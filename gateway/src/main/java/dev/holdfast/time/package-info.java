/** The clock and timers; the only user of {@code System.nanoTime}. Knows nothing else. */
@NullMarked
package dev.holdfast.time;

import org.jspecify.annotations.NullMarked;

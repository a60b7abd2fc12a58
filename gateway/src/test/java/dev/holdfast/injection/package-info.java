/** Throws once at each place of a real node where something can be thrown. */
@NullMarked
package dev.holdfast.injection;

import org.jspecify.annotations.NullMarked;

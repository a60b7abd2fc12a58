/** Inputs near and far from what every parser of a peer's bytes expects. */
@NullMarked
package dev.holdfast.fuzz;

import org.jspecify.annotations.NullMarked;

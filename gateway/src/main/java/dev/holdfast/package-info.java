/** The composition root: builds the parts of a node in order, and stops them in reverse. */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;

/**
 * The metrics of a node, declared in one place. Implements the listeners of the core; independent
 * of the rest of the gateway.
 */
@NullMarked
package dev.holdfast.metrics;

import org.jspecify.annotations.NullMarked;

/** The metrics of a node, declared in one place. Knows no other part of the gateway. */
@NullMarked
package dev.holdfast.metrics;

import org.jspecify.annotations.NullMarked;

/** Whole nodes, their clients and upstreams in one thread, in virtual time and a random order. */
@NullMarked
package dev.holdfast.simulation;

import org.jspecify.annotations.NullMarked;

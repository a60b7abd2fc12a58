/**
 * Settings as immutable values, where they come from, and what is wrong with them. Knows nothing of
 * the server that is configured.
 */
@NullMarked
package dev.holdfast.config;

import org.jspecify.annotations.NullMarked;

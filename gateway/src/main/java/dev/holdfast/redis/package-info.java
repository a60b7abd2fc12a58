/**
 * The ports of {@code cluster} on Redis or Valkey; the only user of Jedis. Knows no socket of ours.
 */
@NullMarked
package dev.holdfast.redis;

import org.jspecify.annotations.NullMarked;

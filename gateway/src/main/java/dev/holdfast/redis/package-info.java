/**
 * The ports of {@code cluster} on Redis or Valkey; the only user of Jedis. Independent of client
 * connections.
 */
@NullMarked
package dev.holdfast.redis;

import org.jspecify.annotations.NullMarked;

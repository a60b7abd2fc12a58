package dev.holdfast.redis;

/**
 * Lua scripts, which Redis executes atomically. They access keys of one slot only and use Redis'
 * clock.
 */
final class Scripts {
  /** Metadata fields in a hash of sessions. */
  static final String INCARNATION = "#incarnation";

  static final String REV = "#rev";

  /**
   * Registers a node and returns all registered nodes.
   *
   * <pre>
   *   KEYS  nodes, node, sessions, key
   *   ARGV  base, id, incarnation, expiry in ms, proposed key, signed registration
   *   reply key, previous incarnation, rev and length of its sessions, then for each node
   *         {id, signed registration, milliseconds since it was written}
   * </pre>
   */
  static final String BEAT =
      """
      local before = redis.call('HGET', KEYS[2], 'incarnation')
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      redis.call('HSET', KEYS[2], 'incarnation', ARGV[3], 'registration', ARGV[6],
          'written', string.format('%.0f', now))
      redis.call('PEXPIRE', KEYS[2], ARGV[4])
      redis.call('SADD', KEYS[1], ARGV[2])
      redis.call('PEXPIRE', KEYS[1], ARGV[4])
      if redis.call('HGET', KEYS[3], '#incarnation') ~= ARGV[3] then
        redis.call('DEL', KEYS[3])
      end
      redis.call('PEXPIRE', KEYS[3], ARGV[4])
      local secret = ''
      if ARGV[5] ~= '' then
        redis.call('SET', KEYS[4], ARGV[5], 'NX')
        secret = redis.call('GET', KEYS[4])
      end
      local rev = redis.call('HGET', KEYS[3], '#rev')
      local reply = {secret, before or '', rev or '', redis.call('HLEN', KEYS[3])}
      for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
        local registration = redis.call('HGET', ARGV[1] .. 'node:' .. id, 'registration')
        if registration then
          local written = tonumber(redis.call('HGET', ARGV[1] .. 'node:' .. id, 'written')) or now
          table.insert(reply, {id, registration, now - written})
        else
          redis.call('SREM', KEYS[1], id)
        end
      end
      return reply
      """;

  /**
   * Writes changes to a node's sessions and publishes them.
   *
   * <pre>
   *   KEYS  sessions
   *   ARGV  incarnation, rev, expiry in ms, channel, message or empty, 1 to clear the hash first,
   *         number of closed sessions, their ids, then ids and records of the others
   *   reply length of the hash; -1 if it is missing or another incarnation's, and nothing was written
   * </pre>
   */
  static final String FLUSH =
      """
      if ARGV[6] == '1' then
        redis.call('DEL', KEYS[1])
      elseif redis.call('HGET', KEYS[1], '#incarnation') ~= ARGV[1] then
        return -1
      end
      local over = tonumber(ARGV[7])
      if over > 0 then
        redis.call('HDEL', KEYS[1], unpack(ARGV, 8, 7 + over))
      end
      redis.call('HSET', KEYS[1], '#incarnation', ARGV[1], '#rev', ARGV[2], unpack(ARGV, 8 + over))
      redis.call('PEXPIRE', KEYS[1], ARGV[3])
      if ARGV[5] ~= '' then
        redis.call('PUBLISH', ARGV[4], ARGV[5])
      end
      return redis.call('HLEN', KEYS[1])
      """;

  /**
   * Removes a node that leaves, unless it has been restarted.
   *
   * <pre>
   *   KEYS  nodes, node, sessions
   *   ARGV  id, incarnation, channel, message or empty
   * </pre>
   */
  static final String LEAVE =
      """
      if redis.call('HGET', KEYS[2], 'incarnation') == ARGV[2] then
        redis.call('SREM', KEYS[1], ARGV[1])
        redis.call('DEL', KEYS[2], KEYS[3])
      end
      if ARGV[4] ~= '' then
        redis.call('PUBLISH', ARGV[3], ARGV[4])
      end
      return 1
      """;

  /**
   * Stores a revocation and publishes it to all nodes.
   *
   * <pre>
   *   KEYS  revocations
   *   ARGV  id, signed text, expiry of all in ms, maximum number, channel, message
   * </pre>
   */
  static final String REVOKE =
      """
      redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
      redis.call('PEXPIRE', KEYS[1], ARGV[3])
      local most = tonumber(ARGV[4])
      if redis.call('HLEN', KEYS[1]) > most then
        local all = redis.call('HGETALL', KEYS[1])
        local ages = {}
        for i = 1, #all, 2 do
          table.insert(ages, {tonumber(string.match(all[i + 1], 'issued=(%d+)') or 0), all[i]})
        end
        table.sort(ages, function(a, b) return a[1] < b[1] end)
        for i = 1, #ages - math.floor(most * 3 / 4) do
          redis.call('HDEL', KEYS[1], ages[i][2])
        end
      end
      if ARGV[6] ~= '' then
        redis.call('PUBLISH', ARGV[5], ARGV[6])
      end
      return 1
      """;

  /** KEYS: any key of this prefix, for the slot. ARGV: channel, message. */
  static final String PUBLISH = "return redis.call('PUBLISH', ARGV[1], ARGV[2])";

  /**
   * A token bucket, stored as the time in microseconds at which it will be full. Tokens can put
   * that off by at most the burst plus one interval. A later time was written before Redis' clock
   * went back; it is corrected, because otherwise no tokens would be granted until the clock has
   * caught up.
   *
   * <pre>
   *   KEYS  bucket
   *   ARGV  microseconds per token, microseconds that may be taken ahead, tokens wanted
   *   reply tokens taken, microseconds until the next
   * </pre>
   */
  static final String PACE =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000000 + time[2]
      local interval, ahead, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
      local stored = tonumber(redis.call('GET', KEYS[1]) or 0)
      local full = math.min(math.max(stored, now), now + ahead + interval)
      local taken = math.max(0, math.min(wanted, math.floor((now + ahead - full) / interval) + 1))
      if taken > 0 or full < stored then
        full = full + taken * interval
        local left = math.ceil((full - now) / 1000)
        redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', left)
      end
      return {taken, math.max(0, full - now - ahead)}
      """;

  private Scripts() {}
}

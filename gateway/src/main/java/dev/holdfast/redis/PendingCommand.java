package dev.holdfast.redis;

import redis.clients.jedis.AbstractPipeline;

/** A command and what becomes of its reply. Confined to the writer. */
interface PendingCommand {
  /** Puts the command into the pipeline; it is not sent yet. */
  void queue(AbstractPipeline pipe);

  /**
   * Takes the reply, which is there.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if it is an error
   */
  void take();

  /** There is no reply, or it was an error: nobody knows whether the command was done. */
  void lost();
}

package dev.holdfast.redis;

import redis.clients.jedis.AbstractPipeline;

/** A command and the handling of its reply. Confined to the writer. */
interface PendingCommand {
  /** Adds the command to the pipeline without sending it. */
  void queue(AbstractPipeline pipe);

  /**
   * Handles the reply, which has arrived.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if it is an error
   */
  void complete();

  /**
   * Called if there is no reply or it is an error; the command may or may not have been executed.
   */
  void failed();
}

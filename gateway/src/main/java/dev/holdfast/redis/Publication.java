package dev.holdfast.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;

/** Publishes a message on a channel; nodes that miss it catch up at their next beat. */
final class Publication implements PendingCommand {
  private final KeyNames names;
  private final String channel;
  private final String message;
  private final Runnable done;
  private final Runnable lost;
  private @Nullable Response<Object> response;

  /**
   * @param done called when Redis has accepted the message
   * @param lost called when the outcome is unknown
   */
  Publication(KeyNames names, String channel, String message, Runnable done, Runnable lost) {
    this.names = names;
    this.channel = channel;
    this.message = message;
    this.done = done;
    this.lost = lost;
  }

  /** Creates a message to all nodes. */
  static Publication toAll(KeyNames names, String message) {
    return new Publication(names, names.nodes(), message, () -> {}, () -> {});
  }

  @Override
  public void queue(AbstractPipeline pipe) {
    response = pipe.eval(Scripts.PUBLISH, List.of(names.nodes()), List.of(channel, message));
  }

  @Override
  public void complete() {
    Object unused = Replies.of(response);
    done.run();
  }

  @Override
  public void failed() {
    lost.run();
  }
}

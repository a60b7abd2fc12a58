package dev.holdfast.redis;

import dev.holdfast.time.ErrorBoundary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Single commands that wait for the writer. When there are too many, and while Redis is away, the
 * answer is at once that there is none. Thread-safe.
 */
final class CommandQueue {
  private static final int MOST = 1024;

  private final Wakeup wakeup;
  private final ErrorBoundary boundary;
  private final ArrayDeque<PendingCommand> waiting = new ArrayDeque<>();
  private boolean open;

  /**
   * @param boundary around what hears the answers
   */
  CommandQueue(Wakeup wakeup, ErrorBoundary boundary) {
    this.wakeup = wakeup;
    this.boundary = boundary;
  }

  /**
   * What comes of a command.
   *
   * @param came whether Redis has answered
   * @param value null if it did not, or with what does not exist
   */
  record Reply<T>(boolean came, @Nullable T value) {
    static <T> Reply<T> none() {
      return new Reply<>(false, null);
    }
  }

  /** Sends a command; the answer comes once. */
  <T> void send(Function<AbstractPipeline, Response<T>> command, Consumer<Reply<T>> answer) {
    boolean taken;
    synchronized (this) {
      taken = open && waiting.size() < MOST;
      if (taken) {
        waiting.add(new Job<>(command, reply -> boundary.run(() -> answer.accept(reply))));
      }
    }
    if (taken) {
      wakeup.now();
    } else {
      answer.accept(Reply.none());
    }
  }

  /** Those that wait. */
  synchronized List<PendingCommand> take() {
    List<PendingCommand> all = new ArrayList<>(waiting);
    waiting.clear();
    return all;
  }

  /** Redis is there. */
  synchronized void open() {
    open = true;
  }

  /** Redis is away: those that wait get no answer. */
  void refuse() {
    synchronized (this) {
      open = false;
    }
    take().forEach(PendingCommand::lost);
  }

  private static final class Job<T> implements PendingCommand {
    private final Function<AbstractPipeline, Response<T>> command;
    private final Consumer<Reply<T>> answer;
    private @Nullable Response<T> response;

    Job(Function<AbstractPipeline, Response<T>> command, Consumer<Reply<T>> answer) {
      this.command = command;
      this.answer = answer;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      response = command.apply(pipe);
    }

    @Override
    public void take() {
      if (response == null) {
        throw new JedisException("no reply");
      }
      T reply = response.get();
      answer.accept(new Reply<>(true, reply));
    }

    @Override
    public void lost() {
      answer.accept(Reply.none());
    }
  }
}

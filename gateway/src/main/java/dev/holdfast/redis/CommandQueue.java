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
 * Queues single commands for the writer. When the queue is full or Redis is unavailable, a command
 * is answered at once without a reply. Thread-safe.
 */
final class CommandQueue {
  private static final int MOST = 1024;

  private final Wakeup wakeup;
  private final ErrorBoundary boundary;
  private final ArrayDeque<PendingCommand> waiting = new ArrayDeque<>();
  private boolean open;

  /**
   * @param boundary runs the callbacks that receive replies
   */
  CommandQueue(Wakeup wakeup, ErrorBoundary boundary) {
    this.wakeup = wakeup;
    this.boundary = boundary;
  }

  /**
   * The outcome of a command.
   *
   * @param received whether Redis replied
   * @param value null if Redis did not reply or the value does not exist
   */
  record Reply<T>(boolean received, @Nullable T value) {
    static <T> Reply<T> none() {
      return new Reply<>(false, null);
    }
  }

  /** Queues a command; the callback is invoked exactly once. */
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

  /** Removes and returns the queued commands. */
  synchronized List<PendingCommand> take() {
    List<PendingCommand> all = new ArrayList<>(waiting);
    waiting.clear();
    return all;
  }

  /** Accepts commands, because Redis is available. */
  synchronized void open() {
    open = true;
  }

  /** Rejects new and queued commands, because Redis is unavailable. */
  void refuse() {
    synchronized (this) {
      open = false;
    }
    take().forEach(PendingCommand::failed);
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
    public void complete() {
      if (response == null) {
        throw new JedisException("no reply");
      }
      T reply = response.get();
      answer.accept(new Reply<>(true, reply));
    }

    @Override
    public void failed() {
      answer.accept(Reply.none());
    }
  }
}

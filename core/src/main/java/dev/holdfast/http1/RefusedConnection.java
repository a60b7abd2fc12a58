package dev.holdfast.http1;

import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;

/**
 * A connection whose request is refused: sends a response, and discards what the client still
 * sends. Closing at once would discard the response before the client has read it. Confined to its
 * I/O thread.
 */
final class RefusedConnection {
  private final StreamConnection connection;
  private final StreamSourceConduit source;
  private final StreamSinkConduit sink;
  private final HttpPort.Heads limits;
  private final Timers timers;
  private @Nullable Discard discard;
  private ScheduledTask deadline = () -> {};

  /** Creates a refused connection, which sends no response yet. */
  RefusedConnection(
      StreamConnection connection,
      StreamSourceConduit source,
      StreamSinkConduit sink,
      HttpPort.Heads limits,
      Timers timers) {
    this.connection = connection;
    this.source = source;
    this.sink = sink;
    this.limits = limits;
    this.timers = timers;
  }

  /**
   * Sends a response with this sentence. If memory is short the response is delayed, because a
   * client with many connections would retry at once, which costs more than waiting.
   */
  void answer(Answer answer, String why, ErrorBoundary boundary) {
    if (answer.equals(Answer.SHORT)) {
      source.suspendReads();
      deadline = timers.after(limits.timeout(), boundary.guard(() -> answer(answer.bytes(why))));
    } else {
      answer(answer.bytes(why));
    }
  }

  private void answer(byte[] response) {
    try {
      sink.write(ByteBuffer.wrap(response));
      sink.terminateWrites();
      sink.flush();
      Discard begun = new Discard(limits.dropped(), limits.dropping(), timers);
      discard = begun;
      begun.dropped(0, this::close);
      source.resumeReads();
    } catch (IOException lost) {
      close();
    }
  }

  private void close() {
    IoUtils.safeClose(connection);
  }

  /** Returns whether the response was sent, so that the client's bytes are read. */
  boolean isAnswered() {
    return discard != null;
  }

  /** Reads and discards available bytes; returns 0, or -1 at the end. */
  int drop() throws IOException {
    Discard dropping = discard;
    if (dropping == null) {
      return 0;
    }
    int count = source.read(Discard.bin());
    dropping.dropped(Math.max(0, count), this::close);
    return Math.min(0, count);
  }

  /** Called when the connection has closed. */
  void closed() {
    deadline.cancel();
    if (discard != null) {
      discard.stop();
    }
  }
}

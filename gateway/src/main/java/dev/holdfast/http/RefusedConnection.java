package dev.holdfast.http;

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
 * A connection whose request is refused: its client is answered, and what that still sends is
 * dropped. Closing at once would throw the answer away before the client has read it. Confined to
 * its I/O thread.
 */
final class RefusedConnection {
  private final StreamConnection connection;
  private final StreamSourceConduit source;
  private final StreamSinkConduit sink;
  private final HttpPort.Heads limits;
  private final Timers timers;
  private @Nullable Discard discard;
  private ScheduledTask deadline = () -> {};

  /** Takes both directions over; nothing is answered yet. */
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
   * Answers, with this sentence. If memory is short that comes late: a client that opens many
   * connections and is answered at once comes again at once, which costs more than to wait.
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

  /** Whether the client is answered, so that its bytes are read. */
  boolean isAnswered() {
    return discard != null;
  }

  /** Reads what there is: 0, or -1 at its end. */
  int drop() throws IOException {
    Discard dropping = discard;
    if (dropping == null) {
      return 0;
    }
    int count = source.read(Discard.bin());
    dropping.dropped(Math.max(0, count), this::close);
    return Math.min(0, count);
  }

  /** The connection is closed. */
  void closed() {
    deadline.cancel();
    if (discard != null) {
      discard.stop();
    }
  }
}

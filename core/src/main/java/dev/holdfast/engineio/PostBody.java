package dev.holdfast.engineio;

import dev.holdfast.http1.ChunkDecoder;
import dev.holdfast.http1.Discard;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.wire.XnioEventLoop;
import io.undertow.conduits.ReadDataStreamSourceConduit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Reads the complete body of a POST. Accounts for memory before it is used, times out idle bodies
 * and parses the framing strictly, RFC 9112 §6 and §7.1. Confined to the connection's I/O thread.
 */
final class PostBody {
  /** Why a body is refused. */
  enum Refusal {
    /** The framing is malformed. */
    MALFORMED(400, "malformed"),
    /** No data arrived in time. */
    LATE(408, "body-timeout"),
    /** The body exceeds the maximum size. */
    TOO_LARGE(413, "body"),
    /** Memory for it was not granted, or was reclaimed. */
    NO_MEMORY(503, "body-memory");

    private final int status;
    private final String reason;

    Refusal(int status, String reason) {
      this.status = status;
      this.reason = reason;
    }

    /** Returns the HTTP status of the response. */
    int status() {
      return status;
    }

    /** Returns the value of the metric label {@code reason}. */
    String reason() {
      return reason;
    }
  }

  /** Receives the outcome: exactly one call, on the I/O thread. */
  interface Reader {
    /**
     * Called with the complete body.
     *
     * @param release must be run when the bytes are no longer retained
     */
    void received(byte[] bytes, Runnable release);

    /**
     * Called if the body is refused. The rest is not read; the caller responds and closes the
     * connection.
     */
    void refused(Refusal refusal);

    /** Called when the connection broke. */
    void lost();
  }

  private static final int FIRST_BYTES = 1024;

  /**
   * Maximum bytes per read. Bytes read beyond a chunked body have to fit into one Undertow buffer.
   */
  private static final int READ_BYTES = 8 * 1024;

  private final HttpServerExchange exchange;
  private final HttpServerConnection connection;
  private final ConduitStreamSourceChannel source;
  private final EngineHandler.Bodies limits;
  private final long largest;
  private final Peer peer;
  private final Reader reader;
  private final ErrorBoundary boundary;
  private final Timers timers;
  private final @Nullable ChunkDecoder chunks;

  /** Remaining bytes of the body, unless it is chunked. */
  private long left;

  /** The body so far, up to the position. */
  private ByteBuffer kept = ByteBuffer.allocate(0);

  private @Nullable Holding holding;

  /** Set while the rest of the body is discarded; the response follows it. */
  private @Nullable Refusal refusal;

  private @Nullable Discard discard;

  private boolean over;
  private ScheduledTask deadline = () -> {};

  /**
   * Creates a reader that has not begun.
   *
   * @param largest maximum size, in bytes
   * @param peer whose quota the memory of the body counts against
   */
  PostBody(
      HttpServerExchange exchange,
      EngineHandler.Bodies limits,
      long largest,
      Peer peer,
      ErrorBoundary boundary,
      Reader reader) {
    this.exchange = exchange;
    this.connection = (HttpServerConnection) exchange.getConnection();
    this.source = connection.getChannel().getSourceChannel();
    this.limits = limits;
    this.largest = largest;
    this.peer = peer;
    this.reader = reader;
    this.boundary = boundary;
    this.timers = new XnioEventLoop(exchange.getIoThread());
    this.chunks =
        exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING)
            ? new ChunkDecoder()
            : null;
    this.left = Math.max(0, exchange.getRequestContentLength());
  }

  /** Starts reading. */
  void begin() {
    source.setConduit(
        new ReadDataStreamSourceConduit(connection.getOriginalSourceConduit(), connection));
    source.setReadListener(channel -> boundary.run(this::read));
    if (left > largest) {
      drop(Refusal.TOO_LARGE);
    }
    read();
  }

  /** Ends reading, because the connection is closed or the client sends no more. */
  void lost() {
    if (!over) {
      end();
      try {
        reader.lost();
      } finally {
        // The end of the stream was read here, so no other listener is called for it.
        IoUtils.safeClose(connection);
      }
    }
  }

  private void read() {
    try {
      boolean going = true;
      while (going && !over) {
        if (chunks == null ? left == 0 : chunks.finished()) {
          finish();
        } else {
          going = !hasRoom() || readSome();
        }
      }
    } catch (IOException gone) {
      lost();
    } catch (ProtocolException malformed) {
      refuse(Refusal.MALFORMED);
    }
  }

  /** Reads once; returns whether more may be available. */
  private boolean readSome() throws IOException, ProtocolException {
    int from = kept.position();
    int most = Math.min(kept.remaining(), READ_BYTES);
    int count =
        source.read(
            kept.duplicate().limit(from + (int) (chunks == null ? Math.min(left, most) : most)));
    Discard dropping = discard;
    Refusal why = refusal;
    if (count < 0) {
      lost();
    } else if (dropping != null && why != null && !dropping.goesOn(count)) {
      refuse(why);
    } else if (count == 0) {
      waitForMore();
    } else {
      take(from, from + count);
    }
    return count > 0;
  }

  private void take(int from, int to) throws ProtocolException {
    if (chunks == null) {
      left -= to - from;
      kept.position(to);
    } else {
      kept.position(from + chunks.decode(kept, from, to));
      giveBack(chunks.end(), to);
    }
    if (kept.position() > largest) {
      drop(Refusal.TOO_LARGE);
    }
  }

  private void waitForMore() {
    Discard dropping = discard;
    Refusal why = refusal == null ? Refusal.LATE : refusal;
    deadline.cancel();
    deadline =
        timers.after(
            dropping == null ? limits.idle() : dropping.pause(), boundary.guard(() -> refuse(why)));
    source.resumeReads();
  }

  /** Returns bytes that follow the body to the connection; they belong to the next request. */
  private void giveBack(int from, int to) {
    if (from < to) {
      PooledByteBuffer surplus = connection.getByteBufferPool().allocate();
      surplus.getBuffer().put(kept.duplicate().limit(to).position(from)).flip();
      connection.setExtraBytes(surplus);
    }
  }

  /** Makes room for more data; false if its memory is not granted. */
  private boolean hasRoom() {
    if (refusal != null) {
      kept.clear();
      return true;
    }
    if (kept.hasRemaining()) {
      return true;
    }
    int size = kept.capacity();
    long most = chunks == null ? size + left : largest + READ_BYTES;
    int larger = (int) Math.min(most, Math.max(FIRST_BYTES, 2L * size));
    if (!isGranted(larger - size)) {
      drop(Refusal.NO_MEMORY);
      return false;
    }
    kept = ByteBuffer.allocate(larger).put(kept.flip());
    return true;
  }

  private boolean isGranted(long more) {
    if (holding != null) {
      return holding.grow(more);
    }
    holding = limits.quotas().take(peer, Resource.BODY_BYTES, more, this::cut).orElse(null);
    return holding != null;
  }

  /** Called from the thread of another connection. */
  private void cut() {
    exchange.getIoThread().execute(boundary.guard(() -> drop(Refusal.NO_MEMORY)));
  }

  private void finish() {
    Refusal answer = refusal;
    if (answer != null) {
      refuse(answer);
      return;
    }
    int size = kept.position();
    byte[] bytes = size == kept.capacity() ? kept.array() : Arrays.copyOf(kept.array(), size);
    Holding taken = holding;
    holding = null;
    end();
    reader.received(bytes, taken == null ? () -> {} : taken::release);
  }

  /**
   * Discards the rest of the body before refusing it: a client that is still sending would not read
   * an immediate response.
   */
  private void drop(Refusal why) {
    if (over || refusal != null) {
      return;
    }
    refusal = why;
    release();
    kept = ByteBuffer.allocate(READ_BYTES);
    discard = new Discard(limits.dropped(), limits.dropping(), timers);
    HttpPort.mayBeCut(exchange);
    waitForMore();
  }

  private void refuse(Refusal why) {
    if (!over) {
      end();
      reader.refused(why);
    }
  }

  private void end() {
    over = true;
    deadline.cancel();
    release();
    source.suspendReads();
    source.setReadListener(null);
    Connectors.terminateRequest(exchange);
  }

  private void release() {
    if (holding != null) {
      holding.release();
      holding = null;
    }
  }
}

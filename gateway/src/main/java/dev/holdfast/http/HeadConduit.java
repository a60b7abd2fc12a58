package dev.holdfast.http;

import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.protocol.RequestHead;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.Timer;
import dev.holdfast.wire.XnioEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Stands between a connection and Undertow, and lets Undertow see a request's head only when all of
 * it has come and may be served. Until then its bytes are counted, and a deadline runs. What is
 * refused gets an answer, a metric and a line in the log. Behind the head everything passes, until
 * {@link #expectHead}. Confined to its I/O thread.
 */
final class HeadConduit extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private static final Logger LOG = LoggerFactory.getLogger(HeadConduit.class);

  /**
   * What heads may take.
   *
   * @param fields how many a head may have
   * @param timeout how long the rest of a head may take to come
   * @param refused is told why a request is refused
   */
  record Limits(int bytes, int fields, Duration timeout, Quotas quotas, Consumer<String> refused) {}

  /** How a request is refused. */
  private record Answer(int status, String phrase, String reason) {
    static final Answer MALFORMED = new Answer(400, "Bad Request", "malformed");
    static final Answer LATE = new Answer(408, "Request Timeout", "header-timeout");
    static final Answer LARGE = new Answer(431, "Request Header Fields Too Large", "header");
    static final Answer SHORT = new Answer(503, "Service Unavailable", "header-memory");
  }

  private enum State {
    /** The next bytes are a head's. */
    HEAD,
    /** The next bytes are behind a head. */
    PASSING,
    /** The client is answered, and what it still sends is dropped. */
    REFUSED
  }

  /** How long a client that still sends may take to read why it is refused. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private static final String NO_MEMORY =
      "too many requests are unfinished, limits.heads is used up";
  private static final int FIRST_BYTES = 1024;
  private static final int DROPPED_AT_ONCE = 8 * 1024;
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final StreamConnection connection;
  private final StreamSinkConduit sink;
  private final Peer peer;
  private final Limits limits;
  private final Timers timers;
  private final ErrorBoundary boundary;
  private final RequestHead head;
  private State state = State.HEAD;

  /** Bytes between position and limit have come and were not read yet. */
  private ByteBuffer kept = EMPTY;

  /** Up to this index the head has read what is kept. */
  private int scanned;

  /** The head has begun, and a deadline runs. */
  private boolean waiting;

  private @Nullable Holding holding;
  private Timer deadline = () -> {};

  private HeadConduit(StreamConnection connection, Limits limits, ErrorBoundary boundary) {
    super(connection.getSourceChannel().getConduit());
    this.connection = connection;
    this.sink = connection.getSinkChannel().getConduit();
    this.limits = limits;
    this.boundary = boundary;
    this.timers = new XnioEventLoop(connection.getIoThread());
    this.head = new RequestHead(limits.bytes(), limits.fields());
    InetSocketAddress address = connection.getPeerAddress(InetSocketAddress.class);
    this.peer = Peer.of(address.getAddress());
  }

  /** From now on this connection's heads are read so. */
  static HeadConduit install(StreamConnection connection, Limits limits, ErrorBoundary boundary) {
    HeadConduit conduit = new HeadConduit(connection, limits, boundary);
    connection.getSourceChannel().setConduit(conduit);
    return conduit;
  }

  /** The request is over: the next bytes are a head's, and these of them have come already. */
  void expectHead(ByteBuffer ahead) {
    if (state != State.PASSING) {
      return;
    }
    if (ahead.hasRemaining()) {
      int rest = kept.remaining();
      ByteBuffer all = ByteBuffer.allocate(ahead.remaining() + rest);
      kept = all.put(ahead).put(kept).flip();
    }
    scanned = kept.position();
    head.reset();
    state = State.HEAD;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return switch (state) {
      case HEAD -> head(target);
      case PASSING -> kept.hasRemaining() ? drain(target) : next.read(target);
      case REFUSED -> drop();
    };
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    if (state == State.PASSING && !kept.hasRemaining()) {
      return next.read(targets, offset, length);
    }
    for (int i = offset; i < offset + length; i++) {
      if (targets[i].hasRemaining()) {
        return read(targets[i]);
      }
    }
    return 0;
  }

  @Override
  public long transferTo(long position, long count, FileChannel target) throws IOException {
    return state == State.PASSING && !kept.hasRemaining()
        ? next.transferTo(position, count, target)
        : target.transferFrom(new ConduitReadableByteChannel(this), position, count);
  }

  @Override
  public long transferTo(long count, ByteBuffer through, StreamSinkChannel target)
      throws IOException {
    return state == State.PASSING && !kept.hasRemaining()
        ? next.transferTo(count, through, target)
        : IoUtils.transfer(new ConduitReadableByteChannel(this), count, through, target);
  }

  /** What is kept here makes no socket readable. */
  @Override
  public void resumeReads() {
    if (state == State.PASSING ? kept.hasRemaining() : scanned < kept.limit()) {
      next.wakeupReads();
    } else {
      next.resumeReads();
    }
  }

  /** The connection is closed. */
  void closed() {
    deadline.cancel();
    forget();
  }

  private int drain(ByteBuffer target) {
    int count = Math.min(target.remaining(), kept.remaining());
    int limit = kept.limit();
    target.put(kept.limit(kept.position() + count));
    kept.limit(limit);
    if (!kept.hasRemaining()) {
      forget();
    }
    return count;
  }

  private void forget() {
    kept = EMPTY;
    scanned = 0;
    if (holding != null) {
      holding.release();
      holding = null;
    }
  }

  /** Bytes of a head that is whole, and what came behind it. */
  private int head(ByteBuffer target) throws IOException {
    try {
      return kept.hasRemaining() ? keptHead(target) : wholeHead(target);
    } catch (RequestHead.Refused refused) {
      if (refused.refusal() == RequestHead.Refusal.TOO_LARGE) {
        refuse(Answer.LARGE, refused.why() + ", limits.header is " + limits.bytes());
      } else {
        refuse(Answer.MALFORMED, refused.why());
      }
      return 0;
    }
  }

  /** Nearly every head comes in one piece, and is never copied. */
  private int wholeHead(ByteBuffer target) throws IOException, RequestHead.Refused {
    int begin = target.position();
    int count = next.read(target);
    if (count <= 0) {
      return count;
    }
    int end = target.position();
    target.position(begin);
    if (head.read(target, begin, end) >= 0) {
      target.position(end);
      pass();
      return count;
    }
    int size = Math.max(FIRST_BYTES, Integer.highestOneBit(count) * 2);
    if (!mayWait(size)) {
      return 0;
    }
    kept = ByteBuffer.allocate(size).put(target.duplicate().limit(end)).flip();
    scanned = count;
    return keptHead(target);
  }

  private int keptHead(ByteBuffer target) throws IOException, RequestHead.Refused {
    while (true) {
      int end = head.read(kept, scanned, kept.limit());
      scanned = kept.limit();
      if (end >= 0) {
        pass();
        return drain(target);
      }
      if (!mayWait(kept.capacity()) || !hasRoom()) {
        return 0;
      }
      ByteBuffer room = kept.duplicate().limit(kept.capacity()).position(kept.limit());
      int count = next.read(room);
      if (count <= 0) {
        return count;
      }
      kept.limit(kept.limit() + count);
    }
  }

  private void pass() {
    deadline.cancel();
    waiting = false;
    state = State.PASSING;
  }

  /** Whether there may be a head that has not come whole, of which so many bytes are kept. */
  private boolean mayWait(int size) {
    if (waiting) {
      return true;
    }
    waiting = true;
    deadline = timers.after(limits.timeout(), boundary.guard(this::late));
    return holding != null || isGranted(size);
  }

  /** Whether more of the head can be kept; all that is kept has been read. */
  private boolean hasRoom() {
    int size = kept.capacity();
    if (kept.limit() < size) {
      return true;
    }
    if (!isGranted(size)) {
      return false;
    }
    kept = ByteBuffer.allocate(2 * size).put(kept).flip();
    scanned = kept.limit();
    return true;
  }

  private boolean isGranted(long more) {
    boolean granted;
    if (holding == null) {
      holding = limits.quotas().take(peer, Resource.HEAD_BYTES, more, this::cut).orElse(null);
      granted = holding != null;
    } else {
      granted = holding.grow(more);
    }
    if (!granted) {
      refuse(Answer.SHORT, NO_MEMORY);
    }
    return granted;
  }

  /** From a thread of another connection. */
  private void cut() {
    connection.getIoThread().execute(boundary.guard(() -> refuse(Answer.SHORT, NO_MEMORY)));
  }

  private void late() {
    refuse(Answer.LATE, "a request's head has not come within limits.head-timeout");
  }

  private void refuse(Answer answer, String why) {
    if (state != State.HEAD) {
      return;
    }
    state = State.REFUSED;
    forget();
    deadline.cancel();
    deadline = timers.after(LINGER, () -> IoUtils.safeClose(connection));
    limits.refused().accept(answer.reason());
    LOG.info(
        "refused a request of {}: {} ({})",
        connection.getPeerAddress(InetSocketAddress.class).getAddress().getHostAddress(),
        why,
        answer.reason());
    try {
      sink.write(ByteBuffer.wrap(bytes(answer, why)));
      sink.terminateWrites();
      sink.flush();
    } catch (IOException lost) {
      IoUtils.safeClose(connection);
    }
  }

  private static byte[] bytes(Answer answer, String why) {
    String text =
        "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n"
            .formatted(answer.status(), answer.phrase(), why.length() + 1, why);
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Closing at once would throw the answer away before the client has read it. */
  private int drop() throws IOException {
    ByteBuffer bin = ByteBuffer.allocate(DROPPED_AT_ONCE);
    return Math.min(0, next.read(bin));
  }
}

package dev.holdfast.http1;

import dev.holdfast.http1.ConnectionLimit.Counted;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.Timers;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.wire.XnioEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Buffers a request's head in front of Undertow until it is complete and known to be servable.
 * Meanwhile its bytes are counted and a deadline applies. A refused request gets a response, and is
 * counted and logged. After the head all bytes pass, until {@link #expectHead}. Confined to its I/O
 * thread.
 */
final class HeadConduit extends AbstractStreamSourceConduit<StreamSourceConduit> {
  /**
   * The limits of request heads.
   *
   * @param fields maximum number of fields
   * @param refusals counts and logs refused requests
   */
  record Limits(HttpPort.Heads heads, int fields, Quotas quotas, RefusalLines refusals) {}

  private enum State {
    /** The next bytes belong to a head. */
    HEAD,
    /** The next bytes follow a head. */
    PASSING,
    /** The connection is handled by a {@link RefusedConnection}. */
    REFUSED
  }

  private static final String NO_MEMORY = "too many incomplete requests, limits.heads is used up";
  private static final int FIRST_BYTES = 1024;
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final StreamConnection connection;
  private final StreamSinkConduit sink;
  private final Peer peer;
  private final Limits limits;
  private final Timers timers;
  private final ErrorBoundary boundary;
  private final Counted counted;
  private final UnservedConduit unserved;
  private State state = State.HEAD;

  /** Buffered bytes; those between position and limit have not been read yet. */
  private ByteBuffer kept = EMPTY;

  /** The parser of the head in progress; null between heads. */
  private @Nullable RequestHead head;

  /** The last passed head as written, until it is served. */
  private @Nullable WrittenHead written;

  /** Index up to which the head's parser has read the buffered bytes. */
  private int scanned;

  /** Whether a head has begun, so that a deadline applies. */
  private boolean waiting;

  private @Nullable Holding holding;
  private ScheduledTask deadline = () -> {};

  /** Handles the connection in the state REFUSED. */
  private @Nullable RefusedConnection refused;

  private HeadConduit(
      StreamConnection connection, Limits limits, ErrorBoundary boundary, Counted counted) {
    super(connection.getSourceChannel().getConduit());
    this.connection = connection;
    this.sink = connection.getSinkChannel().getConduit();
    this.limits = limits;
    this.boundary = boundary;
    this.counted = counted;
    this.unserved = new UnservedConduit(sink, this::unservable);
    this.timers = new XnioEventLoop(connection.getIoThread());
    this.peer = Peer.of(connection.getPeerAddress(InetSocketAddress.class).getAddress());
  }

  /** Installs a conduit on this connection. */
  static HeadConduit install(
      StreamConnection connection, Limits limits, ErrorBoundary boundary, Counted counted) {
    HeadConduit conduit = new HeadConduit(connection, limits, boundary, counted);
    connection.getSourceChannel().setConduit(conduit);
    return conduit;
  }

  /** Called at the end of a request, before the next head; {@code ahead} are bytes already read. */
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
    state = State.HEAD;
    counted.idle();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return switch (state) {
      case HEAD -> head(target);
      case PASSING -> kept.hasRemaining() ? drain(target) : next.read(target);
      case REFUSED -> refused == null ? 0 : refused.drop();
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

  /** Wakes up the reader for buffered bytes, which do not make the socket readable. */
  @Override
  public void resumeReads() {
    if (refused != null && !refused.isAnswered()) {
      return;
    }
    if (state == State.PASSING ? kept.hasRemaining() : scanned < kept.limit()) {
      next.wakeupReads();
    } else {
      next.resumeReads();
    }
  }

  /** Called when the connection may be closed without data loss. */
  void mayBeCut() {
    counted.idle();
  }

  /** Called when the connection has closed. */
  void closed() {
    try {
      deadline.cancel();
      if (refused != null) {
        refused.closed();
      }
      forget();
    } finally {
      counted.closed();
    }
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
    Holding kept = holding;
    holding = null;
    if (kept != null) {
      kept.release();
    }
  }

  /** Reads bytes of a complete head and the bytes after it. */
  private int head(ByteBuffer target) throws IOException {
    try {
      return kept.hasRemaining() ? keptHead(target) : wholeHead(target);
    } catch (RequestHead.Refused refused) {
      if (refused.refusal() == RequestHead.Refusal.TOO_LARGE) {
        refuse(Answer.LARGE, refused.why() + ", limits.header is " + limits.heads().bytes());
      } else {
        refuse(Answer.MALFORMED, refused.why());
      }
      return 0;
    }
  }

  /** Handles the usual case of a head that arrives in one piece, without copying it. */
  private int wholeHead(ByteBuffer target) throws IOException, RequestHead.Refused {
    int begin = target.position();
    int count = next.read(target);
    if (count <= 0) {
      return count;
    }
    int end = target.position();
    target.position(begin);
    if (head().read(target, begin, end) >= 0) {
      int empty = pass(target, begin);
      if (empty > 0) {
        ByteBuffer rest = target.duplicate().limit(end).position(begin + empty);
        target.put(rest);
      } else {
        target.position(end);
      }
      return count - empty;
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
      int end = head().read(kept, scanned, kept.limit());
      scanned = kept.limit();
      if (end >= 0) {
        kept.position(kept.position() + pass(kept, kept.position()));
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

  private RequestHead head() {
    RequestHead begun = head;
    if (begun == null) {
      begun = new RequestHead(limits.heads().bytes(), limits.fields());
      head = begun;
    }
    return begun;
  }

  /** Passes a complete head; returns the number of bytes to skip before it. */
  private int pass(ByteBuffer buffer, int from) throws RequestHead.Refused {
    RequestHead whole = head();
    written = whole.written(buffer, from);
    whole.cover(buffer, from);
    head = null;
    deadline.cancel();
    waiting = false;
    state = State.PASSING;
    counted.busy();
    connection.getSinkChannel().setConduit(unserved);
    return whole.emptyBytes();
  }

  /** Called when the passed head is served; returns it as written and releases it. */
  WrittenHead served() {
    connection.getSinkChannel().setConduit(sink);
    WrittenHead last = written;
    if (last == null) {
      throw new IllegalStateException("a request without a head");
    }
    written = null;
    return last;
  }

  /** Called when Undertow tries to respond by itself, without any handler. */
  private void unservable() {
    state = State.HEAD;
    counted.idle();
    refuse(Answer.MALFORMED, "the request cannot be read");
  }

  /** Returns whether an incomplete head with this many buffered bytes is allowed. */
  private boolean mayWait(int size) {
    if (waiting) {
      return true;
    }
    waiting = true;
    deadline = timers.after(limits.heads().timeout(), boundary.guard(this::late));
    return holding != null || isGranted(size);
  }

  /**
   * Returns whether more of the head can be buffered, after all buffered bytes have been parsed.
   */
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

  /** Called on the thread of another connection. */
  private void cut() {
    connection.getIoThread().execute(boundary.guard(() -> refuse(Answer.SHORT, NO_MEMORY)));
  }

  private void late() {
    refuse(Answer.LATE, "the request head did not arrive within limits.head-timeout");
  }

  private void refuse(Answer answer, String why) {
    if (state != State.HEAD) {
      return;
    }
    state = State.REFUSED;
    head = null;
    forget();
    deadline.cancel();
    InetSocketAddress address = connection.getPeerAddress(InetSocketAddress.class);
    limits.refusals().refused(peer, address.getAddress().getHostAddress(), answer.reason(), why);
    RefusedConnection ended = new RefusedConnection(connection, next, sink, limits.heads(), timers);
    refused = ended;
    ended.answer(answer, why, boundary);
  }
}

package dev.holdfast.proxy;

import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.time.SteadyClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * One HTTP/1.1 connection to a backend, used by one exchange at a time. Reads are always resumed,
 * so that a close is noticed even while it is idle. Confined to its I/O thread.
 */
final class UpstreamConnection {
  /** The exchange that uses a connection. */
  interface User {
    void upstreamReadable();

    void upstreamWritable();
  }

  private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

  private final StreamConnection channel;
  private final ConnectionPool pool;
  private final IoContext io;
  private @Nullable User user;
  private boolean reused;
  private long idleSince;
  private boolean counted = true;
  private @Nullable Holding use;
  private boolean cuttable;

  UpstreamConnection(StreamConnection channel, ConnectionPool pool, IoContext io) {
    this.channel = channel;
    this.io = io;
    this.pool = pool;
    channel.getSourceChannel().setReadListener(source -> readable());
    channel.getSinkChannel().setWriteListener(sink -> writable());
    channel.setCloseListener(closed -> uncount());
  }

  /** Marks it as in use, counted by this holding. */
  void assignedTo(Holding counts) {
    use = counts;
  }

  /**
   * Sets whether its use may be ended in a shortage, in favour of clients with fewer connections.
   *
   * @param cut ends the use; runs on the I/O thread
   */
  void mayBeCut(boolean may, Runnable cut) {
    Holding current = use;
    if (current == null || may == cuttable) {
      return;
    }
    cuttable = may;
    if (may) {
      current.mayBeCut(() -> io.thread().execute(() -> cut(current, cut)));
    } else {
      current.keep();
    }
  }

  private void cut(Holding when, Runnable cut) {
    if (when.equals(use)) {
      LOG.info(
          "connections to {} are nearly exhausted: closing one that waits for its client",
          pool.backend().name());
      cut.run();
    }
  }

  /** Ends its current use; the connection is pooled if reusable and closed otherwise. */
  void release(boolean reusable) {
    if (reusable) {
      pool.release(this);
    } else {
      close();
    }
  }

  private void uncountUse() {
    Holding counts = use;
    use = null;
    cuttable = false;
    if (counts != null) {
      counts.release();
    }
  }

  void usedBy(User next) {
    user = next;
    channel.getSourceChannel().resumeReads();
  }

  private void readable() {
    if (user != null) {
      user.upstreamReadable();
    } else {
      pool.idleEnded(this);
    }
  }

  private void writable() {
    if (user != null) {
      user.upstreamWritable();
    } else {
      channel.getSinkChannel().suspendWrites();
    }
  }

  /** Makes the connection available after an exchange that left no unread bytes. */
  void becomeIdle() {
    user = null;
    uncountUse();
    reused = true;
    idleSince = SteadyClock.nanoTime();
    channel.getSinkChannel().suspendWrites();
    channel.getSourceChannel().resumeReads();
  }

  /**
   * Returns whether an idle connection is open and has no unexpected bytes, which the next request
   * would take for its response.
   */
  boolean alive() {
    try {
      return channel.isOpen() && channel.getSourceChannel().read(ByteBuffer.allocate(1)) == 0;
    } catch (IOException lost) {
      return false;
    }
  }

  void close() {
    IoUtils.safeClose(channel);
    uncount();
  }

  private void uncount() {
    try {
      uncountUse();
    } finally {
      if (counted) {
        counted = false;
        pool.closed();
      }
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Returns whether an exchange has used it before. */
  boolean reused() {
    return reused;
  }

  long idleSince() {
    return idleSince;
  }

  StreamConnection channel() {
    return channel;
  }

  IoContext io() {
    return io;
  }

  ConnectionPool pool() {
    return pool;
  }

  boolean tls() {
    return channel instanceof SslConnection;
  }
}

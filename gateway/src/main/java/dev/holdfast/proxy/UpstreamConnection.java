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
 * One HTTP/1.1 connection to a backend, used by one exchange at a time. It is always read, so that
 * its end is seen at once also while nobody uses it. Confined to its I/O thread.
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

  /** It is in use from now on, and counted as this. */
  void lentAs(Holding counts) {
    use = counts;
  }

  /**
   * Whether its use may be ended when connections are short, for those who have fewer.
   *
   * @param cut ends it; runs on the I/O thread
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
      LOG.info("connections to {} are short: one that waits is ended", pool.backend().name());
      cut.run();
    }
  }

  /** Whoever used it does so no more; another may have it if that can be. */
  void giveBack(boolean reusable) {
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

  /** The exchange is over and left nothing behind: another may have the connection. */
  void becomeIdle() {
    user = null;
    uncountUse();
    reused = true;
    idleSince = SteadyClock.nanoTime();
    channel.getSinkChannel().suspendWrites();
    channel.getSourceChannel().resumeReads();
  }

  /**
   * Whether an idle connection shows no sign of its end, and has no bytes that nobody asked for:
   * the next request would take them for its response.
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

  /** Whether an exchange has used it before. */
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

package dev.holdfast.proxy;

import dev.holdfast.time.SteadyClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
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

  private final StreamConnection channel;
  private final ConnectionPool pool;
  private final IoContext io;
  private @Nullable User user;
  private boolean reused;
  private long idleSince;
  private boolean counted = true;

  UpstreamConnection(StreamConnection channel, ConnectionPool pool, IoContext io) {
    this.channel = channel;
    this.io = io;
    this.pool = pool;
    channel.getSourceChannel().setReadListener(source -> readable());
    channel.getSinkChannel().setWriteListener(sink -> writable());
    channel.setCloseListener(closed -> uncount());
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
    reused = true;
    idleSince = SteadyClock.nanoTime();
    channel.getSinkChannel().suspendWrites();
    channel.getSourceChannel().resumeReads();
  }

  /**
   * Whether an idle connection shows no sign of its end. Closes the window in which a request is
   * sent into a connection that the backend has closed; what may be sent once only asks for it.
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
    if (counted) {
      counted = false;
      pool.closed();
    }
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

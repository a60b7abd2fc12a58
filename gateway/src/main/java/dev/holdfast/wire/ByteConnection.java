package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open connection that carries bytes, without blocking. Confined to its event loop. */
public interface ByteConnection {
  /** What happens on a connection, told on its event loop. */
  interface Listener {
    /** There may be bytes to read, or the end. */
    void readable();

    /** Bytes may be taken again. */
    void writable();

    /** It was closed, by either side. */
    void closed();
  }

  /** The thread that owns it. */
  EventLoop loop();

  /** Says who is told what happens from now on. */
  void listener(Listener listener);

  /** Reads what there is; the number of bytes, or -1 at the end. */
  int read(ByteBuffer target) throws IOException;

  /** Writes what is taken now; the number of bytes. */
  int write(ByteBuffer source) throws IOException;

  /** Lets go of what was written; false if that is not possible at once. */
  boolean flush() throws IOException;

  /** Ends our half behind what was written; {@link #flush} carries it out. */
  void shutdownWrites() throws IOException;

  /** {@link Listener#readable} is not called until {@link #resumeReads}. */
  void suspendReads();

  /** {@link Listener#readable} is called as long as there is something to read. */
  void resumeReads();

  /** Whether reads are resumed. */
  boolean isReadResumed();

  /** Calls {@link Listener#readable} once more, though the socket itself has nothing new. */
  void wakeupReads();

  /** {@link Listener#writable} is not called until {@link #resumeWrites}. */
  void suspendWrites();

  /** {@link Listener#writable} is called as long as bytes are taken. */
  void resumeWrites();

  /** Whether it may hold bytes that it has read from the socket already, as TLS does. */
  boolean readsAhead();

  /** Closes it at once. */
  void close();
}

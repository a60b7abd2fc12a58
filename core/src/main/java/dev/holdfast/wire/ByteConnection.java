package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open connection with non-blocking reads and writes. Confined to its event loop. */
public interface ByteConnection {
  /** Receives the events of a connection, on its event loop. */
  interface Listener {
    /** Called when there may be bytes to read, or the end of the input. */
    void readable();

    /** Called when the connection may take bytes again. */
    void writable();

    /** Called when either side has closed the connection. */
    void closed();
  }

  /** Returns the event loop that owns this connection. */
  EventLoop loop();

  /** Sets the listener of all further events. */
  void listener(Listener listener);

  /** Reads the available bytes. Returns their number, or -1 at the end of the input. */
  int read(ByteBuffer target) throws IOException;

  /** Writes as many bytes as the connection takes now. Returns their number. */
  int write(ByteBuffer source) throws IOException;

  /** Flushes written bytes to the socket. Returns false if some remain. */
  boolean flush() throws IOException;

  /** Shuts down the write side after all written bytes; takes effect with {@link #flush}. */
  void shutdownWrites() throws IOException;

  /** Suspends {@link Listener#readable} until {@link #resumeReads}. */
  void suspendReads();

  /** Calls {@link Listener#readable} as long as there is something to read. */
  void resumeReads();

  /** Returns whether reads are resumed. */
  boolean isReadResumed();

  /** Calls {@link Listener#readable} once more, even if the socket has no new bytes. */
  void wakeupReads();

  /** Suspends {@link Listener#writable} until {@link #resumeWrites}. */
  void suspendWrites();

  /** Calls {@link Listener#writable} as long as the connection takes bytes. */
  void resumeWrites();

  /** Returns whether it may buffer bytes that it has already read from the socket, as TLS does. */
  boolean readsAhead();

  /** Closes the connection at once. */
  void close();
}

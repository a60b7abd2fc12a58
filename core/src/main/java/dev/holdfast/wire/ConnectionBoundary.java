package dev.holdfast.wire;

import dev.holdfast.time.ErrorBoundary;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.WriteReadyHandler;

/**
 * Closes a connection when one of its read or write listeners throws. XNIO only logs the exception
 * and leaves the connection open, although nothing reads or writes it any more.
 */
public final class ConnectionBoundary {
  private ConnectionBoundary() {}

  /**
   * Installs a boundary around all read and write listeners, including those set later. With TLS it
   * must be around the decrypted connection.
   *
   * @param onError called once, before the connection is closed
   */
  public static ErrorBoundary around(StreamConnection connection, Runnable onError) {
    ErrorBoundary boundary =
        new ErrorBoundary(
            "a connection",
            () -> {
              try {
                onError.run();
              } finally {
                IoUtils.safeClose(connection);
              }
            });
    ConduitStreamSourceChannel source = connection.getSourceChannel();
    source.getConduit().setReadReadyHandler(new Reads(source, boundary));
    ConduitStreamSinkChannel sink = connection.getSinkChannel();
    sink.getConduit().setWriteReadyHandler(new Writes(sink, boundary));
    return boundary;
  }

  /** Replaces XNIO's own handler, which does not pass exceptions on. */
  private static final class Reads
      extends ReadReadyHandler.ChannelListenerHandler<ConduitStreamSourceChannel> {
    private final ConduitStreamSourceChannel channel;
    private final ErrorBoundary boundary;

    Reads(ConduitStreamSourceChannel channel, ErrorBoundary boundary) {
      super(channel);
      this.channel = channel;
      this.boundary = boundary;
    }

    @Override
    public void readReady() {
      ChannelListener<? super ConduitStreamSourceChannel> listener = channel.getReadListener();
      if (listener == null) {
        channel.suspendReads();
        return;
      }
      boundary.enter(listener, channel, (heard, of) -> heard.handleEvent(of));
    }
  }

  private static final class Writes
      extends WriteReadyHandler.ChannelListenerHandler<ConduitStreamSinkChannel> {
    private final ConduitStreamSinkChannel channel;
    private final ErrorBoundary boundary;

    Writes(ConduitStreamSinkChannel channel, ErrorBoundary boundary) {
      super(channel);
      this.channel = channel;
      this.boundary = boundary;
    }

    @Override
    public void writeReady() {
      ChannelListener<? super ConduitStreamSinkChannel> listener = channel.getWriteListener();
      if (listener == null) {
        channel.suspendWrites();
        return;
      }
      boundary.enter(listener, channel, (heard, of) -> heard.handleEvent(of));
    }
  }
}

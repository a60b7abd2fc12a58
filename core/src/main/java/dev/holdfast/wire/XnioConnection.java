package dev.holdfast.wire;

import dev.holdfast.time.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;
import org.xnio.ssl.SslConnection;

/**
 * A connection of XNIO. XNIO calls it directly when the socket is readable: each object in between
 * would cost another cache miss per read.
 */
public final class XnioConnection
    extends ReadReadyHandler.ChannelListenerHandler<ConduitStreamSourceChannel>
    implements ByteConnection, ChannelListener<ConduitStreamSourceChannel> {
  private static final Listener NOBODY =
      new Listener() {
        @Override
        public void readable() {}

        @Override
        public void writable() {}

        @Override
        public void closed() {}
      };

  private final StreamConnection connection;
  private final StreamSourceConduit source;
  private final StreamSinkConduit sink;
  private Listener listener = NOBODY;

  private XnioConnection(StreamConnection connection) {
    super(connection.getSourceChannel());
    this.connection = connection;
    this.source = connection.getSourceChannel().getConduit();
    this.sink = connection.getSinkChannel().getConduit();
  }

  /** Takes over an open connection, on its I/O thread. */
  public static XnioConnection of(StreamConnection connection) {
    XnioConnection taken = new XnioConnection(connection);
    taken.source.setReadReadyHandler(taken);
    connection.getSinkChannel().setWriteListener(channel -> taken.listener.writable());
    connection.setCloseListener(channel -> taken.listener.closed());
    return taken;
  }

  /** Writes as much as the sink accepts, and resumes writes if any is left. */
  public static void write(ByteBuffer bytes, ConduitStreamSinkChannel sink) throws IOException {
    sink.write(bytes);
    if (bytes.hasRemaining() || !sink.flush()) {
      sink.resumeWrites();
    } else {
      sink.suspendWrites();
    }
  }

  @Override
  public EventLoop loop() {
    return new XnioEventLoop(connection.getIoThread());
  }

  @Override
  public void listener(Listener told) {
    listener = told;
  }

  @Override
  public void readReady() {
    // Logs exceptions, which the conduit would swallow.
    ChannelListeners.invokeChannelListener(connection.getSourceChannel(), this);
  }

  @Override
  public void handleEvent(ConduitStreamSourceChannel readable) {
    listener.readable();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return source.read(target);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return sink.write(bytes);
  }

  @Override
  public boolean flush() throws IOException {
    return sink.flush();
  }

  @Override
  public void shutdownWrites() throws IOException {
    sink.terminateWrites();
  }

  @Override
  public void suspendReads() {
    source.suspendReads();
  }

  @Override
  public void resumeReads() {
    source.resumeReads();
  }

  @Override
  public boolean isReadResumed() {
    return source.isReadResumed();
  }

  @Override
  public void wakeupReads() {
    source.wakeupReads();
  }

  @Override
  public void suspendWrites() {
    sink.suspendWrites();
  }

  @Override
  public void resumeWrites() {
    sink.resumeWrites();
  }

  @Override
  public boolean readsAhead() {
    return connection instanceof SslConnection;
  }

  @Override
  public void close() {
    IoUtils.safeClose(connection);
  }
}

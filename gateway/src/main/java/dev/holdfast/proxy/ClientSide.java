package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.http1.Discard;
import dev.holdfast.http1.HttpPort;
import dev.holdfast.time.Timers;
import dev.holdfast.wire.XnioEventLoop;
import io.undertow.conduits.ReadDataStreamSourceConduit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.IoUtils;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * The client's side of an exchange. Undertow has read the request head and gets the connection back
 * afterwards. Body and response are transferred directly on the connection's channels, which keeps
 * the framing in one place and takes one system call where Undertow's channels take two. Confined
 * to its I/O thread.
 */
final class ClientSide {
  private final HttpServerExchange exchange;
  private final HttpServerConnection connection;
  private final StreamConnection channel;

  ClientSide(HttpServerExchange exchange) {
    this.exchange = exchange;
    this.connection = (HttpServerConnection) exchange.getConnection();
    this.channel = connection.getChannel();
  }

  /** Takes over the channels and sets their listeners. */
  void listen(Runnable readable, Runnable writable) {
    channel
        .getSourceChannel()
        .setConduit(
            new ReadDataStreamSourceConduit(connection.getOriginalSourceConduit(), connection));
    channel.getSourceChannel().setReadListener(source -> readable.run());
    channel.getSinkChannel().setWriteListener(sink -> writable.run());
  }

  /** Returns the channel with the rest of the request. */
  ConduitStreamSourceChannel source() {
    return channel.getSourceChannel();
  }

  /** Returns the channel for the response. */
  ConduitStreamSinkChannel sink() {
    return channel.getSinkChannel();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  boolean tls() {
    return connection.getSslSession() != null;
  }

  /** Pushes back bytes after the request body, which belong to the next request. */
  void pushBack(byte[] surplus) {
    connection.setExtraBytes(new Surplus(ByteBuffer.wrap(surplus)));
  }

  /** Reads past the request to notice when the client disconnects. */
  void watch() {
    if (connection.getExtraBytes() == null) {
      channel.getSourceChannel().resumeReads();
    } else {
      channel.getSourceChannel().suspendReads();
    }
  }

  /** Returns whether the client has disconnected; buffers a request that it pipelined. */
  boolean isDisconnected() {
    if (connection.getExtraBytes() != null) {
      channel.getSourceChannel().suspendReads();
      return false;
    }
    PooledByteBuffer ahead = connection.getByteBufferPool().allocate();
    int count;
    try {
      count = connection.getOriginalSourceConduit().read(ahead.getBuffer());
    } catch (IOException lost) {
      count = -1;
    }
    if (count <= 0) {
      ahead.close();
      return count < 0;
    }
    ahead.getBuffer().flip();
    connection.setExtraBytes(ahead);
    channel.getSourceChannel().suspendReads();
    return false;
  }

  /** Returns the connection to Undertow after the response has been written. */
  void complete(boolean persistent) {
    channel.getSinkChannel().suspendWrites();
    channel.getSinkChannel().setWriteListener(null);
    exchange.setPersistent(persistent);
    Connectors.terminateRequest(exchange);
    Connectors.terminateResponse(exchange);
  }

  /**
   * Resets the connection, so that the client does not mistake a partial response for a complete
   * one.
   */
  void abort() {
    try {
      channel.setOption(Options.CLOSE_ABORT, true);
    } catch (IOException | IllegalArgumentException alreadyClosed) {
      // Already closed.
    }
    IoUtils.safeClose(connection);
  }

  /** Discards the rest of the request after the response has been written. */
  void linger(Settings limits) {
    HttpPort.mayBeCut(exchange);
    Timers timers = new XnioEventLoop(connection.getIoThread());
    Discard discard =
        new Discard(limits.get(ProxyKeys.DRAIN), limits.get(ProxyKeys.DRAIN_TIMEOUT), timers);
    channel.getSinkChannel().suspendWrites();
    channel.getSourceChannel().setReadListener(source -> drop(discard));
    try {
      channel.getSinkChannel().shutdownWrites();
      channel.getSinkChannel().flush();
      drop(discard);
      channel.getSourceChannel().resumeReads();
    } catch (IOException lost) {
      end(discard);
    }
  }

  private void drop(Discard discard) {
    try {
      int count = channel.getSourceChannel().read(Discard.bin());
      if (count < 0) {
        end(discard);
      } else {
        discard.dropped(count, () -> IoUtils.safeClose(connection));
      }
    } catch (IOException lost) {
      end(discard);
    }
  }

  private void end(Discard discard) {
    discard.stop();
    IoUtils.safeClose(connection);
  }

  /** Adapts a heap buffer to Undertow's pooled buffers. */
  private static final class Surplus implements PooledByteBuffer {
    private final ByteBuffer bytes;
    private boolean open = true;

    Surplus(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    @Override
    public ByteBuffer getBuffer() {
      return bytes;
    }

    @Override
    public void close() {
      open = false;
    }

    @Override
    public boolean isOpen() {
      return open;
    }
  }
}

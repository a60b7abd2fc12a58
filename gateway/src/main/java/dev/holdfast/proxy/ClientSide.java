package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.http.Discard;
import dev.holdfast.http.HttpPort;
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
 * The client's side of an exchange. Undertow has read the request's head and gets the connection
 * back afterwards; body and response are read and written on its channels directly, which keeps the
 * framing in one place and costs one system call where Undertow's channels cost two. Confined to
 * its I/O thread.
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

  /** Takes the channels over. */
  void listen(Runnable readable, Runnable writable) {
    channel
        .getSourceChannel()
        .setConduit(
            new ReadDataStreamSourceConduit(connection.getOriginalSourceConduit(), connection));
    channel.getSourceChannel().setReadListener(source -> readable.run());
    channel.getSinkChannel().setWriteListener(sink -> writable.run());
  }

  /** Where the rest of the request comes from. */
  ConduitStreamSourceChannel source() {
    return channel.getSourceChannel();
  }

  /** Where the response goes. */
  ConduitStreamSinkChannel sink() {
    return channel.getSinkChannel();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  boolean tls() {
    return connection.getSslSession() != null;
  }

  /** Bytes that came behind the request's body belong to the next request. */
  void giveBack(byte[] surplus) {
    connection.setExtraBytes(new Surplus(ByteBuffer.wrap(surplus)));
  }

  /** Reads on behind the request, to see the client go away. */
  void watch() {
    if (connection.getExtraBytes() == null) {
      channel.getSourceChannel().resumeReads();
    } else {
      channel.getSourceChannel().suspendReads();
    }
  }

  /** Whether it went away; a request that it sent ahead is kept for later. */
  boolean gone() {
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

  /** The response is written: the connection is Undertow's again. */
  void complete(boolean persistent) {
    channel.getSinkChannel().suspendWrites();
    channel.getSinkChannel().setWriteListener(null);
    exchange.setPersistent(persistent);
    Connectors.terminateRequest(exchange);
    Connectors.terminateResponse(exchange);
  }

  /** Ends the connection so that nobody takes what was sent for complete. */
  void abort() {
    try {
      channel.setOption(Options.CLOSE_ABORT, true);
    } catch (IOException | IllegalArgumentException alreadyClosed) {
      // It is closed all the same.
    }
    IoUtils.safeClose(connection);
  }

  /** The response is written, the request not wholly read: what still comes is dropped. */
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

  /** Bytes on the heap in the shape that Undertow wants. */
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

package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * Copies the bytes of an upgraded connection in both directions without interpreting them. Confined
 * to its I/O thread.
 */
final class Tunnel implements UpstreamConnection.User, IoContext.Timed {
  private final ErrorBoundary boundary = new ErrorBoundary("a tunnel", this::abandon);
  private final Proxy proxy;
  private final Tunnels tunnels;
  private final IoContext io;
  private final UpstreamConnection upstream;
  private final ByteBuffer first;
  private @Nullable StreamConnection client;
  private @Nullable Pump up;
  private @Nullable Pump down;
  private boolean upDone;
  private boolean downDone;
  private boolean over;
  private long touched = SteadyClock.nanoTime();

  /** Waiting for the client to read. */
  private final ClientWait unread = new ClientWait();

  /** {@code first} is a block with the bytes that the backend sent after its 101. */
  Tunnel(Proxy proxy, IoContext io, UpstreamConnection upstream, ByteBuffer first) {
    this.proxy = proxy;
    this.tunnels = proxy.tunnels();
    this.io = io;
    this.upstream = upstream;
    this.first = first;
  }

  /** Takes over the client's connection after the 101 has been written. */
  void open(HttpServerExchange exchange) {
    exchange.setPersistent(true);
    exchange.upgradeChannel(
        (connection, upgraded) -> {
          client = connection;
          boundary.run(() -> join(connection));
        });
    Connectors.terminateResponse(exchange);
  }

  private void join(StreamConnection connection) {
    boolean tls = connection instanceof SslConnection || upstream.tls();
    up =
        new Pump(
            connection.getSourceChannel(),
            upstream.channel().getSinkChannel(),
            io.blocks(),
            new BodyDecoder.UntilClose(),
            false,
            tls);
    down =
        new Pump(
            upstream.channel().getSourceChannel(),
            connection.getSinkChannel(),
            io.blocks(),
            new BodyDecoder.UntilClose(),
            false,
            tls);
    connection.getSourceChannel().setReadListener(source -> upstreamWritable());
    connection.getSinkChannel().setWriteListener(sink -> upstreamReadable());
    upstream.usedBy(this);
    tunnels.opened(this);
    upstream.mayBeCut(true, boundary.guard(this::close));
    io.add(this);
    stepDown(down.begin(first, first.position(), first.limit()));
    pumpUp();
  }

  @Override
  public void upstreamReadable() {
    boundary.run(this::pumpDown);
  }

  @Override
  public void upstreamWritable() {
    boundary.run(this::pumpUp);
  }

  private void pumpUp() {
    Pump pump = up;
    StreamConnection connection = client;
    if (over || upDone || pump == null || connection == null) {
      return;
    }
    touched = SteadyClock.nanoTime();
    switch (pump.run()) {
      case WAITS_FOR_SOURCE -> {
        upstream.channel().getSinkChannel().suspendWrites();
        connection.getSourceChannel().resumeReads();
      }
      case WAITS_FOR_SINK -> {
        connection.getSourceChannel().suspendReads();
        upstream.channel().getSinkChannel().resumeWrites();
      }
      case DONE -> {
        upDone = true;
        ended(connection, upstream.channel());
      }
      case SOURCE_BROKEN, SINK_BROKEN -> close();
    }
  }

  private void pumpDown() {
    if (!over && !downDone && down != null) {
      touched = SteadyClock.nanoTime();
      stepDown(down.run());
    }
  }

  private void stepDown(Pump.State state) {
    StreamConnection connection = client;
    if (connection == null || down == null) {
      return;
    }
    if (state == Pump.State.WAITS_FOR_SINK) {
      unread.begins(down.written(), SteadyClock.nanoTime());
    } else {
      unread.ends();
    }
    switch (state) {
      case WAITS_FOR_SOURCE -> {
        connection.getSinkChannel().suspendWrites();
        upstream.channel().getSourceChannel().resumeReads();
      }
      case WAITS_FOR_SINK -> {
        upstream.channel().getSourceChannel().suspendReads();
        connection.getSinkChannel().resumeWrites();
      }
      case DONE -> {
        downDone = true;
        ended(upstream.channel(), connection);
      }
      case SOURCE_BROKEN, SINK_BROKEN -> close();
    }
  }

  /** Forwards a half-close to the other side. */
  private void ended(StreamConnection from, StreamConnection to) {
    if (upDone && downDone) {
      close();
      return;
    }
    from.getSourceChannel().suspendReads();
    to.getSinkChannel().suspendWrites();
    try {
      to.getSinkChannel().shutdownWrites();
      to.getSinkChannel().flush();
    } catch (IOException lost) {
      close();
    }
  }

  @Override
  public void tick(long now) {
    boundary.run(
        () -> {
          boolean idle = now - touched > tunnels.limits().get(ProxyKeys.IDLE_TIMEOUT).toNanos();
          // An error in a lower layer may have closed a connection without notification.
          boolean cut = !upstream.isOpen() || (client != null && !client.isOpen());
          if (idle || cut || unread.isOver(tunnels.limits().get(ProxyKeys.UNREAD_TIMEOUT), now)) {
            close();
          }
        });
  }

  private void abandon() {
    proxy.internalError();
    close();
  }

  /** Closes both sides. */
  void close() {
    if (over) {
      return;
    }
    over = true;
    io.remove(this);
    tunnels.closed(this);
    boundary.attempt(upstream::close);
    IoUtils.safeClose(client);
    boundary.attempt(() -> release(up));
    boundary.attempt(() -> release(down));
  }

  private static void release(@Nullable Pump pump) {
    if (pump != null) {
      pump.release();
    }
  }

  IoContext io() {
    return io;
  }
}

package dev.holdfast.engineio;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.HandshakeKey;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.Connector;
import dev.holdfast.wire.DialFailure;
import dev.holdfast.wire.WebSocketConnector;
import dev.holdfast.wire.XnioConnection;
import dev.holdfast.wire.XnioEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * Opens a connection and performs the client's WebSocket handshake, RFC 6455 section 4.1. Confined
 * to its I/O thread.
 */
public final class WebSocketClientHandshake implements ConnectCallback, WebSocketConnector.Attempt {
  private static final int MAX_HEAD = 16 * 1024;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int UNAVAILABLE = 503;

  /** A Python response head has 130 bytes, and a proxy adds some lines. */
  private static final int USUAL_HEAD = 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EventLoop loop;
  private final WebSocketConnector.Outcome outcome;
  private final Function<String, byte[]> request;
  private final String key = HandshakeKey.of(nonce());
  private final HttpResponseHead.Search search = new HttpResponseHead.Search();
  private ByteBuffer unsent = NOTHING;
  private ByteBuffer response = ByteBuffer.allocate(USUAL_HEAD);
  private @Nullable StreamConnection connection;
  private @Nullable ScheduledTask timeout;
  private boolean over;

  private WebSocketClientHandshake(
      Function<String, byte[]> request, EventLoop loop, WebSocketConnector.Outcome outcome) {
    this.request = request;
    this.loop = loop;
    this.outcome = outcome;
  }

  /**
   * Returns a connector for WebSockets over the connections of this one.
   *
   * @param request encodes the handshake request with this {@code Sec-WebSocket-Key}
   */
  public static WebSocketConnector connector(
      Connector connector, Function<String, byte[]> request) {
    return (loop, limit, outcome) -> {
      WebSocketClientHandshake handshake = new WebSocketClientHandshake(request, loop, outcome);
      handshake.start(connector, limit);
      return handshake;
    };
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    return nonce;
  }

  private void start(Connector connector, Duration limit) {
    timeout =
        loop.after(
            limit, () -> fail("timeout", "the handshake took over " + limit.toMillis() + " ms"));
    connector.connect(XnioEventLoop.thread(loop), this);
  }

  @Override
  public boolean wasConnected() {
    return connection != null;
  }

  @Override
  public void cancel() {
    over = true;
    if (timeout != null) {
      timeout.cancel();
    }
    IoUtils.safeClose(connection);
  }

  @Override
  public void connected(StreamConnection opened) {
    if (over) {
      IoUtils.safeClose(opened);
      return;
    }
    connection = opened;
    unsent = ByteBuffer.wrap(request.apply(key));
    opened.getSinkChannel().setWriteListener(channel -> write(opened));
    opened.getSourceChannel().setReadListener(channel -> read(opened));
    opened.setCloseListener(
        channel -> fail("refused", "the peer closed the connection during the handshake"));
    write(opened);
    opened.getSourceChannel().resumeReads();
  }

  @Override
  public void failed(DialFailure failure) {
    fail(failure.reason().label(), failure.sentence(), failure.refused());
  }

  private void write(StreamConnection opened) {
    try {
      XnioConnection.write(unsent, opened.getSinkChannel());
    } catch (IOException e) {
      fail("refused", "writing the handshake failed: " + e.getMessage());
    }
  }

  private void read(StreamConnection opened) {
    try {
      int count = opened.getSourceChannel().read(response);
      if (count < 0) {
        fail("refused", "the peer closed the connection during the handshake");
      } else if (count > 0) {
        answer(opened);
      }
    } catch (IOException | ProtocolException e) {
      fail("refused", "the handshake failed: " + e.getMessage());
    }
  }

  private void answer(StreamConnection opened) throws ProtocolException {
    HttpResponseHead head = search.parse(response, 0, response.position(), MAX_HEAD);
    if (head == null) {
      if (response.position() == MAX_HEAD) {
        fail("refused", "the answer to the handshake is over " + MAX_HEAD + " bytes");
      } else if (!response.hasRemaining()) {
        response = ByteBuffer.allocate(2 * response.capacity()).put(response.flip());
      }
      return;
    }
    if (head.status() != SWITCHING_PROTOCOLS) {
      // 503 is temporary: the peer is up and will accept later.
      boolean refused = head.status() != UNAVAILABLE;
      fail("refused", "the handshake was answered with " + head.status(), refused);
    } else if (!head.first("Sec-WebSocket-Accept").orElse("").equals(HandshakeKey.accept(key))) {
      fail("refused", "its Sec-WebSocket-Accept does not match the key");
    } else {
      upgraded(opened, head);
    }
  }

  private void upgraded(StreamConnection opened, HttpResponseHead head) {
    over = true;
    if (timeout != null) {
      timeout.cancel();
    }
    opened.getSourceChannel().suspendReads();
    ByteBuffer first = response.flip().position(head.end());
    // The connection retains its first close listener, and through it this handshake.
    response = NOTHING;
    outcome.upgraded(XnioConnection.of(opened), first);
  }

  private void fail(String reason, String sentence) {
    fail(reason, sentence, false);
  }

  private void fail(String reason, String sentence, boolean refused) {
    if (!over) {
      cancel();
      outcome.failed(reason, sentence, refused);
    }
  }
}

package dev.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.CloseCode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.ManualLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A connection that throws ends its own WebSocket, and no frame follows half of another one. */
class FaultyConnectionTest {
  private static final byte[] FRAME = TextFrame.of("42[\"hello\"]");

  private final BufferPool pool = new BufferPool(4L * BufferPool.BLOCK);
  private final ManualLoop loop = new ManualLoop();
  private final Connection connection = new Connection(loop);
  private final Ends ends =
      WebSocket.open(
          connection,
          WebSocket.Role.SERVER,
          new WebSocket.Limits(pool, 1000, (frames, bytes) -> {}),
          Ends::new);

  /** Remembers how the WebSocket has ended. */
  private static final class Ends implements WebSocketListener {
    private final WebSocket socket;
    private final List<WebSocketClosed> ends = new ArrayList<>();
    private boolean faulty;

    Ends(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void message(Message message) {
      if (faulty) {
        throw new IllegalStateException("a fault of the receiver");
      }
    }

    @Override
    public void batchEnd() {}

    @Override
    public void writable() {}

    @Override
    public void closed(WebSocketClosed how) {
      ends.add(how);
    }
  }

  /** Takes some bytes, and then throws once. */
  private static final class Connection extends QuietConnection {
    private final List<Byte> written = new ArrayList<>();
    private @Nullable Listener listener;
    private int taken = Integer.MAX_VALUE;
    private boolean closed;
    private boolean failsToClose;

    Connection(ManualLoop loop) {
      super(loop);
    }

    void failAfter(int bytes) {
      taken = bytes;
    }

    @Override
    public int write(ByteBuffer source) {
      if (taken == 0) {
        taken = Integer.MAX_VALUE;
        throw new IllegalStateException("a fault of the network");
      }
      int count = Math.min(taken, source.remaining());
      for (int i = 0; i < count; i++) {
        written.add(source.get());
      }
      taken -= count;
      return count;
    }

    @Override
    public void close() {
      closed = true;
      if (failsToClose) {
        throw new IllegalStateException("a fault of the network");
      }
    }

    @Override
    public int read(ByteBuffer target) {
      return 0;
    }

    @Override
    public boolean isReadResumed() {
      return true;
    }

    @Override
    public void listener(Listener listener) {
      this.listener = listener;
    }

    Listener listener() {
      return Objects.requireNonNull(listener);
    }
  }

  @AfterEach
  void nothingIsKept() {
    assertThat(pool.taken()).isZero();
  }

  @Test
  void closeFrameDoesNotFollowHalfAFrame() {
    connection.failAfter(3);

    ends.socket.send(ByteBuffer.wrap(FRAME));
    ends.socket.close(CloseCode.INTERNAL_ERROR, "internal");
    loop.run();

    assertThat(connection.written).containsExactly(FRAME[0], FRAME[1], FRAME[2]);
    assertThat(connection.closed).isTrue();
  }

  @Test
  void nextFrameDoesNotFollowHalfAFrame() {
    connection.failAfter(3);

    ends.socket.send(ByteBuffer.wrap(FRAME));
    ends.socket.send(ByteBuffer.wrap(FRAME));
    loop.run();

    assertThat(connection.written).hasSize(3);
    assertThat(connection.closed).isTrue();
    assertThat(ends.ends).hasSize(1);
  }

  @Test
  void whoeverSendsIsNotThrownWhatIsThisConnectionsFault() {
    connection.failAfter(0);

    assertThat(ends.socket.send(ByteBuffer.wrap(FRAME))).isTrue();
    assertThat(ends.ends).as("within the call").isEmpty();
    loop.run();

    assertThat(ends.ends)
        .extracting(WebSocketClosed::cause)
        .containsExactly(WebSocketClosed.Cause.INTERNAL);
  }

  @Test
  void closeThatFailsIsNotThrownAtWhoeverCleansUp() {
    connection.failAfter(0);

    ends.socket.close(CloseCode.GOING_AWAY, "drained");

    assertThat(connection.closed).isTrue();
    assertThat(ends.ends).isEmpty();
  }

  @Test
  void leaveThatFailsIsTheEnd() {
    connection.failAfter(0);

    ends.socket.leave(CloseCode.GOING_AWAY, "drained");

    assertThat(connection.closed).isTrue();
    assertThat(ends.ends).hasSize(1);
  }

  @Test
  void closeHasEndedWhenThePeerHasNotAnsweredInTime() {
    List<String> told = new ArrayList<>();

    ends.socket.close(CloseCode.GOING_AWAY, "drained", () -> told.add("ended"));
    loop.timers().pass(Duration.ofMillis(2999));
    assertThat(told).isEmpty();
    loop.timers().pass(Duration.ofMillis(1));

    assertThat(told).containsExactly("ended");
  }

  @Test
  void closeOfABrokenConnectionHasEndedAtOnce() {
    List<String> told = new ArrayList<>();
    connection.failAfter(0);

    ends.socket.close(CloseCode.GOING_AWAY, "drained", () -> told.add("ended"));

    assertThat(told).containsExactly("ended");
  }

  @Test
  void endIsToldThoughTheConnectionCannotBeClosed() {
    List<String> told = new ArrayList<>();
    connection.failsToClose = true;

    ends.socket.close(CloseCode.GOING_AWAY, "drained", () -> told.add("ended"));
    loop.timers().pass(Duration.ofSeconds(3));

    assertThat(told).containsExactly("ended");
  }

  @Test
  void lossIsToldThoughTheConnectionCannotBeClosed() {
    connection.failsToClose = true;

    connection.listener().closed();

    assertThat(ends.ends)
        .extracting(WebSocketClosed::cause)
        .containsExactly(WebSocketClosed.Cause.BROKEN);
  }

  @ParameterizedTest
  @CsvSource({"8882 00000000 03E8, PEER", "8B80 00000000, PROTOCOL", "8181 00000000 61, INTERNAL"})
  void endIsToldThoughTheCloseFrameCannotBeWritten(String sent, WebSocketClosed.Cause cause) {
    ends.faulty = cause == WebSocketClosed.Cause.INTERNAL;
    connection.failAfter(0);

    ends.socket.start(ByteBuffer.wrap(HexFormat.of().parseHex(sent.replace(" ", ""))));
    loop.run();
    loop.timers().pass(Duration.ofSeconds(3));

    assertThat(ends.ends).extracting(WebSocketClosed::cause).containsExactly(cause);
    assertThat(connection.closed).isTrue();
  }
}

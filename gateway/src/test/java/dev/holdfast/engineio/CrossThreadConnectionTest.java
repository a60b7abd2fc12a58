package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrossThreadConnectionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          100,
          1000,
          TIMEOUT,
          new BufferPool(1 << 20),
          new Metrics());

  private final List<String> done = new ArrayList<>();
  private final Socket socket = new Socket();
  private final ManualTimers timers = new ManualTimers();
  private final CrossThreadConnection crossThread =
      new CrossThreadConnection(
          socket, Runnable::run, new Session(), Runnable::run, OPTIONS, timers);

  /** Remembers what it was given while it takes something. */
  private final class Socket implements FrameSink {
    private boolean taking = true;

    @Override
    public boolean send(ByteBuffer frames) {
      if (taking) {
        done.add(text(frames));
      }
      return taking;
    }

    @Override
    public void pauseReads() {}

    @Override
    public void resumeReads() {}
  }

  private static final class Session implements CrossThreadConnection.Session {
    @Override
    public void frames(byte[] run) {}

    @Override
    public void writable() {}
  }

  private static String text(ByteBuffer frames) {
    return StandardCharsets.UTF_8.decode(frames.duplicate()).toString();
  }

  private void send(String frames) {
    assertThat(crossThread.send(ByteBuffer.wrap(frames.getBytes(StandardCharsets.UTF_8)))).isTrue();
  }

  private void close() {
    crossThread.close(none -> false, () -> done.add("close"));
  }

  @Test
  void closesAtOnceWhenNothingWaits() {
    send("a");

    close();

    assertThat(done).containsExactly("a", "close");
    assertThat(timers.waiting()).isZero();
  }

  @Test
  void closesBehindAllThatWasTaken() {
    socket.taking = false;
    send("a");
    send("b");
    close();
    assertThat(done).isEmpty();

    socket.taking = true;
    crossThread.drain();

    assertThat(done).containsExactly("a", "b", "close");
    assertThat(timers.waiting()).isZero();
  }

  @Test
  void whatGoesBeforeTheCloseIsKeptByTheSocketIfItCan() {
    socket.taking = false;
    send("a");
    send("b");

    crossThread.close(frames -> done.add("kept " + text(frames)), () -> done.add("close"));

    assertThat(done).containsExactly("kept a", "kept b", "close");
  }

  @Test
  void doesNotWaitForeverForAPeerThatTakesNothing() {
    socket.taking = false;
    send("a");
    close();

    timers.pass(TIMEOUT.minusMillis(1));
    assertThat(done).isEmpty();
    timers.pass(Duration.ofMillis(1));

    assertThat(done).containsExactly("close");
    socket.taking = true;
    crossThread.drain();
    assertThat(done).containsExactly("close");
  }

  @Test
  void aSocketThatEndsFirstIsNotClosedAgain() {
    socket.taking = false;
    send("a");
    close();

    crossThread.ended();

    assertThat(timers.waiting()).isZero();
    socket.taking = true;
    crossThread.drain();
    assertThat(done).isEmpty();
  }
}

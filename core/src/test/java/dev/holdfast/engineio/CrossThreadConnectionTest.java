package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.RecordingListener;
import dev.holdfast.time.ManualTimers;
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
          new EngineListener() {});

  private final List<String> done = new ArrayList<>();
  private final Peer peer = new Peer();
  private final ManualTimers timers = new ManualTimers();
  private final CrossThreadConnection crossThread =
      new CrossThreadConnection(peer, Runnable::run, Runnable::run, OPTIONS, timers);

  /** Remembers what it was given while it takes something. */
  private final class Peer implements EngineConnection {
    private boolean taking = true;
    private boolean keeping;

    @Override
    public boolean send(ByteBuffer frames) {
      if (taking) {
        done.add(text(frames));
      }
      return taking;
    }

    @Override
    public boolean sendLast(ByteBuffer frames) {
      if (keeping) {
        done.add("kept " + text(frames));
      }
      return keeping;
    }

    @Override
    public void pauseReads(PauseReason reason) {}

    @Override
    public void resumeReads(PauseReason reason) {}

    @Override
    public boolean ping() {
      done.add("ping");
      return true;
    }

    @Override
    public void close(CloseReason reason) {
      done.add("close " + reason.label());
    }
  }

  private static String text(ByteBuffer frames) {
    return StandardCharsets.UTF_8.decode(frames.duplicate()).toString();
  }

  private void send(String frames) {
    assertThat(crossThread.send(ByteBuffer.wrap(frames.getBytes(StandardCharsets.UTF_8)))).isTrue();
  }

  private void receive(String packet) {
    crossThread.message(new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true));
  }

  private void close() {
    crossThread.close(CloseReason.DRAINED);
  }

  @Test
  void closesAtOnceWhenNothingWaits() {
    send("a");

    close();

    assertThat(done).containsExactly("a", "close drained");
    assertThat(timers.waiting()).isZero();
  }

  @Test
  void closesBehindAllThatWasTaken() {
    peer.taking = false;
    send("a");
    send("b");
    close();
    assertThat(done).isEmpty();

    peer.taking = true;
    crossThread.writable();

    assertThat(done).containsExactly("a", "b", "close drained");
    assertThat(timers.waiting()).isZero();
  }

  @Test
  void whatGoesBeforeTheCloseIsKeptByTheConnectionIfItCan() {
    peer.taking = false;
    peer.keeping = true;
    send("a");
    send("b");

    close();

    assertThat(done).containsExactly("kept a", "kept b", "close drained");
  }

  @Test
  void doesNotWaitForeverForAPeerThatTakesNothing() {
    peer.taking = false;
    send("a");
    close();

    timers.pass(TIMEOUT.minusMillis(1));
    assertThat(done).isEmpty();
    timers.pass(Duration.ofMillis(1));

    assertThat(done).containsExactly("close drained");
    peer.taking = true;
    crossThread.writable();
    assertThat(done).containsExactly("close drained");
  }

  @Test
  void connectionThatEndsFirstIsNotClosedAgain() {
    peer.taking = false;
    send("a");
    close();

    crossThread.closed(CloseReason.CLIENT_LOST);

    assertThat(timers.waiting()).isZero();
    peer.taking = true;
    crossThread.writable();
    assertThat(done).isEmpty();
  }

  @Test
  void oneConfirmationIsAskedForAtATime() {
    crossThread.listener(new RecordingListener(done));

    assertThat(crossThread.ping()).isFalse();
    assertThat(crossThread.ping()).isFalse();
    crossThread.acknowledged(3);
    assertThat(crossThread.ping()).isFalse();

    assertThat(done).containsExactly("ping", "acknowledged 3", "ping");
  }

  @Test
  void packetThatIsNotAllowedClosesBothSides() {
    crossThread.listener(new Refusing(new RecordingListener(done)));
    receive("bad");
    receive("more");
    crossThread.batchEnd();
    receive("late");
    crossThread.batchEnd();

    assertThat(done).containsExactly("batch end", "close protocol-error", "closed protocol-error");
  }

  /** Allows no packet. */
  private record Refusing(EngineConnection.Listener events) implements EngineConnection.Listener {
    @Override
    public void message(Message message) throws ProtocolException {
      throw new ProtocolException("not allowed");
    }

    @Override
    public void batchEnd() {
      events.batchEnd();
    }

    @Override
    public void writable() {
      events.writable();
    }

    @Override
    public void acknowledged(long bytes) {
      events.acknowledged(bytes);
    }

    @Override
    public void closed(CloseReason reason) {
      events.closed(reason);
    }
  }
}

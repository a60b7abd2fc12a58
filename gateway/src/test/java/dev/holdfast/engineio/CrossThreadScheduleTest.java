package dev.holdfast.engineio;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.time.ManualLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Runs the tasks of two or three threads in random order: those of a session, of a connection, and
 * in between of an Engine.IO socket, so that a transport and an upgrade both cross threads.
 */
class CrossThreadScheduleTest {
  private static final int SCHEDULES = 100_000;
  private static final int STEPS = 60;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int LIMIT = 60;

  /** Packets by their number, so that a reader knows which one it has. */
  private static final int PACKETS = 4 * STEPS;

  private static final byte[][] PACKET = new byte[PACKETS][];
  static final byte[][] TO_CLIENT = new byte[PACKETS][];
  static final byte[][] TO_SESSION = new byte[PACKETS][];
  private static final int LARGEST = 50;

  private static final EngineOptions OPTIONS =
      new EngineOptions(
          TIMEOUT, TIMEOUT, 100, LIMIT, TIMEOUT, new BufferPool(1 << 20), new Metrics());

  static {
    for (int i = 0; i < PACKETS; i++) {
      PACKET[i] = (i + "x".repeat(i * 7 % 40)).getBytes(StandardCharsets.US_ASCII);
      TO_CLIENT[i] = TextFrame.of(PACKET[i]);
      TO_SESSION[i] = TextFrame.masked(PACKET[i]);
    }
  }

  @Test
  void inAnyOrderOfTasksNothingIsLostOrRepeatedAndTheBytesInFlightAreBounded() {
    for (long seed = 0; seed < SCHEDULES; seed++) {
      Schedule schedule = new Schedule(new SplittableRandom(seed));
      try {
        schedule.run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("schedule " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  static void check(boolean holds, String claim) {
    if (!holds) {
      throw new AssertionError(claim);
    }
  }

  private static final class Schedule {
    private final SplittableRandom random;
    private final List<ManualLoop> loops = new ArrayList<>();
    private final int crossings;
    private final ScheduledClient client;
    private final Session session;

    Schedule(SplittableRandom random) {
      this.random = random;
      this.crossings = random.nextInt(1, 3);
      for (int i = 0; i <= crossings; i++) {
        loops.add(new ManualLoop());
      }
      client = new ScheduledClient(random, loops.get(crossings));
      CrossThreadConnection crossing = crossing(client, crossings);
      client.listener = crossing;
      if (crossings == 2) {
        CrossThreadConnection second = crossing(crossing, 1);
        crossing.listener(second);
        crossing = second;
      }
      session = new Session(crossing, client.takenOver);
      crossing.listener(session);
    }

    private CrossThreadConnection crossing(EngineConnection connection, int loop) {
      ManualLoop own = loops.get(loop);
      return new CrossThreadConnection(connection, own, loops.get(loop - 1), OPTIONS, own.timers());
    }

    void run() {
      int end = random.nextInt(2 * STEPS);
      for (int i = 0; i < STEPS; i++) {
        if (i == end) {
          end();
        }
        step();
        checkBounds();
      }
      client.stuck = random.nextInt(8) == 0;
      settle();
      check(
          !session.paused || session.isOver() || client.paused,
          "the client is read although the session has paused it");
      session.resume();
      settle();
      loops.forEach(loop -> loop.timers().pass(TIMEOUT));
      settle();
      loops.forEach(loop -> loop.timers().pass(TIMEOUT));
      settle();
      checkEnd();
    }

    private void step() {
      switch (random.nextInt(12)) {
        case 0, 1 -> session.send();
        case 2, 3 -> client.readLater();
        case 4 -> client.accept();
        case 5 -> session.pauseOrResume();
        case 6 -> session.ask();
        default -> loops.get(random.nextInt(loops.size())).runOne();
      }
    }

    private void end() {
      switch (random.nextInt(4)) {
        case 0 -> session.close(random.nextBoolean());
        case 1 -> session.leave();
        case 2 -> client.lose();
        default -> session.refused = client.emitted;
      }
    }

    /** Lets everything happen that can still happen without time. */
    private void settle() {
      boolean ran = true;
      while (ran) {
        ran = client.accept();
        for (ManualLoop loop : loops) {
          ran |= loop.runOne();
        }
      }
    }

    private void checkBounds() {
      check(
          client.isOver()
              || session.isOver()
              || session.sentBytes - client.receivedBytes <= (long) crossings * (LIMIT + LARGEST),
          "too much is in flight to the client");
      int read = ScheduledClient.PACKETS_OF_A_READ * LARGEST;
      // The far thread reads on until it runs the task that pauses it.
      int most = crossings == 1 ? LIMIT + read : 3 * LIMIT + 5 * read;
      check(
          session.isOver() || client.emittedBytes - session.heardBytes <= most,
          "too much is in flight to the session");
    }

    private void checkEnd() {
      check(client.isOver() == session.isOver(), "one side goes on without the other");
      check(client.closes <= 1, "the connection was closed twice");
      check(session.ends <= 1, "the end was told twice");
      if (session.ends == 1 && client.lost) {
        check(session.heard == client.emitted, "what was sent before the end is lost");
      }
      if (session.closed && !client.lost && !client.stuck) {
        check(client.received == session.sent, "what was sent before the close is lost");
      }
      if (!session.isOver()) {
        check(session.heard == client.emitted, "packets for the session are lost");
        check(!client.paused, "the client is not read any more");
        check(client.stuck || client.received == session.sent, "packets for the client are lost");
        check(client.stuck || !session.waits, "the session may not send any more");
        check(!session.asked, "no confirmation came");
      }
    }
  }

  /** The near end, on the first thread. */
  private static final class Session implements EngineConnection.Listener {
    private final EngineConnection connection;
    private final Queue<Integer> takenOver;
    private int sent;
    private long sentBytes;
    private int heard;
    private long heardBytes;
    private int refused = Integer.MAX_VALUE;
    private boolean paused;
    private boolean waits;
    private boolean asked;
    private boolean closed;
    private int ends;

    Session(EngineConnection connection, Queue<Integer> takenOver) {
      this.connection = connection;
      this.takenOver = takenOver;
    }

    boolean isOver() {
      return closed || ends > 0;
    }

    void send() {
      if (isOver() || waits) {
        return;
      }
      waits = !connection.send(ByteBuffer.wrap(TO_CLIENT[sent]));
      if (!waits) {
        sentBytes += TO_CLIENT[sent++].length;
      }
    }

    void pauseOrResume() {
      if (paused) {
        resume();
      } else {
        paused = true;
        connection.pauseReads(PauseReason.SLOW_PEER);
      }
    }

    void resume() {
      paused = false;
      connection.resumeReads(PauseReason.SLOW_PEER);
    }

    void ask() {
      asked = true;
      connection.ping();
    }

    void close(boolean last) {
      if (isOver()) {
        return;
      }
      if (last && connection.sendLast(ByteBuffer.wrap(TO_CLIENT[sent]))) {
        sent++;
      }
      closed = true;
      connection.close(CloseReason.DRAINED);
    }

    void leave() {
      if (!isOver()) {
        connection.leave(CloseReason.DRAINED);
      }
    }

    private void checkCalled() {
      check(!isOver(), "the session was called after the end");
    }

    @Override
    public void message(Message message) throws ProtocolException {
      checkCalled();
      byte[] text = message.bytes(0);
      check(Arrays.equals(text, PACKET[heard]), "the session expected packet " + heard);
      heardBytes += TO_SESSION[heard].length;
      if (heard++ >= refused) {
        throw new ProtocolException("not allowed");
      }
    }

    @Override
    public void batchEnd() {
      checkCalled();
    }

    @Override
    public void writable() {
      checkCalled();
      waits = false;
    }

    @Override
    public void acknowledged(long bytes) {
      checkCalled();
      asked = false;
      check(heard == bytes, "a confirmation left its place");
    }

    @Override
    public void takenOver() {
      checkCalled();
      check(takenOver.remove() == heard, "a handoff left its place");
    }

    @Override
    public void closed(CloseReason reason) {
      checkCalled();
      ends++;
    }
  }
}

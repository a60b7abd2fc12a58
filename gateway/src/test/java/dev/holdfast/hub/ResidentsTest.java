package dev.holdfast.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.Claim;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Estate;
import dev.holdfast.session.Hop;
import dev.holdfast.session.Json;
import dev.holdfast.session.LinkFence;
import dev.holdfast.session.NoOpSurroundings;
import dev.holdfast.session.OutboxLimits;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.time.ManualTimers;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResidentsTest {
  private static final Duration LAG = Duration.ofSeconds(1);

  private final ManualTimers timers = new ManualTimers();
  private final Metrics metrics = new Metrics();
  private final Residents residents =
      new Residents(new ParkedLimit(2, metrics.resume(), timers::nanoTime));
  private final LogLines log = new LogLines();

  /** Tasks of the residents' thread. */
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  /** How the sessions ended, by name. */
  private final List<String> ended = new ArrayList<>();

  /** The sessions that have asked for a link to another upstream. */
  private final List<String> moves = new ArrayList<>();

  @AfterEach
  void detachTheLog() {
    log.close();
  }

  private Resident resident(String name, long parkedBytes) {
    Resident resident = new Resident(tasks::add);
    resident.is(session(name, resident));
    resident.parkedBytes(parkedBytes);
    return resident;
  }

  private void run() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  @Test
  void sessionIsFoundByAnyOfItsPids() {
    Resident one = resident("one", 0);
    residents.given("a", one);
    residents.given("b", one);

    assertThat(residents.find("a")).contains(one);
    assertThat(residents.find("b")).contains(one);
    assertThat(residents.find("c")).isEmpty();
    assertThat(one.session()).isNotNull();
  }

  @Test
  void pidThatWasTakenHasExpired() {
    residents.given("a", resident("one", 0));

    residents.taken("a");

    assertThat(residents.find("a")).isEmpty();
    assertThat(residents.hasExpired("a")).isTrue();
    assertThat(residents.hasExpired("b")).isFalse();
  }

  @Test
  void pidOfASessionThatAnotherNodeHasTakenOverNamesThatNode() {
    residents.given("a", resident("one", 0));

    residents.ceded("a", new NodeId("b"));

    assertThat(residents.find("a")).isEmpty();
    assertThat(residents.heir("a")).contains(new NodeId("b"));
    assertThat(residents.hasExpired("a")).isFalse();
    assertThat(residents.heir("b")).isEmpty();
  }

  @Test
  void expiredPidsAreForgottenInTheEnd() {
    residents.taken("first");
    for (int i = 0; i < 10_000; i++) {
      residents.taken("p" + i);
    }

    assertThat(residents.hasExpired("first")).isFalse();
    assertThat(residents.hasExpired("p0")).isTrue();
  }

  @Test
  void oldestOfAUserGoesWhenThereAreTooMany() {
    residents.parked("u", resident("one", 0));
    residents.parked("u", resident("two", 0));
    residents.parked("other", resident("three", 0));
    run();
    assertThat(ended).isEmpty();

    residents.parked("u", resident("four", 0));
    run();

    assertThat(ended).containsExactly("one parked-per-user");
  }

  @Test
  void whoGoesForYoungerOnesIsCountedAndToldOfByOneLine() {
    park("u", 5);

    assertThat(displaced()).isEqualTo(3);
    assertThat(log.lines())
        .containsExactly(
            "a user has more sessions without a client than resume.parked-per-user, which is 2:"
                + " the oldest was given up; 1 since the last such line");
  }

  @Test
  void laterLinesComeOnceAMinuteAndSayHowManyThereWere() {
    park("u", 5);
    timers.pass(Duration.ofSeconds(59));
    park("v", 3);
    assertThat(log.lines()).hasSize(1);

    timers.pass(Duration.ofSeconds(1));
    park("w", 4);

    assertThat(log.lines()).hasSize(2).last().asString().contains("; 4 since");
    assertThat(displaced()).isEqualTo(6);
  }

  @Test
  void whoHasEndedMeanwhileIsNotGivenUp() {
    Resident one = resident("one", 0);
    residents.parked("u", one);
    residents.parked("u", resident("two", 0));
    residents.parked("u", resident("three", 0));
    one.session().close(CloseReason.KICKED);

    run();

    assertThat(displaced()).isZero();
    assertThat(log.lines()).isEmpty();
  }

  private void park(String user, int sessions) {
    for (int i = 0; i < sessions; i++) {
      residents.parked(user, resident(user + i, 0));
    }
    run();
  }

  private double displaced() {
    return metrics.registry().scrape(name -> name.equals("holdfast_sessions_displaced")).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .mapToDouble(point -> ((CounterSnapshot.CounterDataPointSnapshot) point).getValue())
        .sum();
  }

  @Test
  void whoIsBackDoesNotCount() {
    Resident one = resident("one", 0);
    residents.parked("u", one);
    residents.parked("u", resident("two", 0));
    residents.unparked("u", one);
    residents.unparked("nobody", one);

    residents.parked("u", resident("three", 0));
    run();

    assertThat(ended).isEmpty();
  }

  @Test
  void sessionThatKeepsMostGoesWhenMemoryIsShort() {
    residents.parked("u", resident("one", 10));
    Resident largest = resident("two", 30);
    residents.parked("v", largest);
    residents.parked("w", resident("three", 20));

    residents.shed();
    residents.shed();
    run();
    assertThat(ended).containsExactly("two outbox-memory");
    residents.unparked("v", largest);
    residents.shed();
    run();

    assertThat(ended).containsExactly("two outbox-memory", "three outbox-memory");
  }

  @Test
  void nobodyGoesWhereNobodyIsParked() {
    residents.shed();
    run();

    assertThat(ended).isEmpty();
  }

  @Test
  void allGoWhenTheNodeStops() {
    residents.parked("u", resident("one", 0));
    residents.parked("v", resident("two", 0));

    residents.drain();
    run();

    assertThat(ended).containsExactlyInAnyOrder("one drained", "two drained");
  }

  @Test
  void sessionThatHasJustLeftAnUpstreamIsNotMovedOffItAgain() {
    Resident one = resident("one", 0);
    Resident two = resident("two", 0);
    one.at("a");
    two.at("a");

    residents.move("a", true);
    two.at("b");
    run();
    timers.pass(LAG);

    assertThat(moves).containsExactly("one");
  }

  @Test
  void sessionWhoseTransportIsNotTakenNoteOfIsEnded() {
    Resident one = resident("one", 0);
    one.onTransport(
        throughNode -> {
          throw new IllegalStateException("a fault of the registry");
        });

    one.hasTransport(false);

    assertThat(ended).containsExactly("one internal");
  }

  private Session session(String name, Resident resident) {
    Duration ever = Duration.ofDays(1);
    OutboxLimits outbox = new OutboxLimits(1000, 10, 1000, 1000, 0, ever);
    SessionSetup setup =
        new SessionSetup(
            new SessionSetup.Limits(1, 1000, ever, outbox, ever, ever, true, ever, 1000, ever, LAG),
            OffsetStyle.ARGUMENT,
            "tagtag",
            0,
            timers,
            new BufferPool(0),
            new BufferPool(BufferPool.BLOCK),
            nothing(Json.class));
    Node node = new Node(name, resident);
    Session session = new Session(nothing(Hop.class), new byte[0], node, setup);
    Hop.Receiver client = session.start();
    node.connects();
    client.closed(CloseReason.CLIENT_LOST);
    return session;
  }

  private static <T> T nothing(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) -> method.getReturnType() == boolean.class ? false : null));
  }

  /** Has an upstream for a session, and tells how the session ended. */
  private final class Node extends NoOpSurroundings {
    private final String name;
    private Hop.@Nullable Receiver upstream;

    private void connects() {
      byte[] reply = TextFrame.of("40{\"sid\":\"s\"}");
      try {
        Objects.requireNonNull(upstream)
            .message(new Message().ofFrame(ByteBuffer.wrap(reply), false));
      } catch (ProtocolException e) {
        throw new AssertionError(e);
      }
    }

    private Node(String name, Resident resident) {
      this.name = name;
      residents.given(name, resident);
    }

    @Override
    public byte[] will(Estate estate) {
      throw new AssertionError("there is no other node");
    }

    @Override
    public void ceded(String heir) {
      throw new AssertionError("there is no other node");
    }

    @Override
    public Hop move(Hop.Receiver receiver) {
      moves.add(name);
      return nothing(Hop.class);
    }

    @Override
    public Optional<LinkFence> fence() {
      return Optional.empty();
    }

    @Override
    public Hop dial(Hop.Receiver receiver) {
      upstream = receiver;
      return nothing(Hop.class);
    }

    @Override
    public Hop redial(Hop.Receiver receiver) {
      return nothing(Hop.class);
    }

    @Override
    public String newPid() {
      return name;
    }

    @Override
    public boolean isOwner(Claim claim) {
      return true;
    }

    @Override
    public Optional<Duration> heartbeatInterval() {
      return Optional.empty();
    }

    @Override
    public void ended(CloseReason reason) {
      ended.add(name + " " + reason.label());
    }
  }
}

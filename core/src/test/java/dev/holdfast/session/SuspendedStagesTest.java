package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.session.PacketStage.Verdict;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stage suspends a direction of its session for a while. */
class SuspendedStagesTest {
  private static final Duration TIME = Duration.ofSeconds(1);
  private static final String BINARY = "451-[\"stop\",{\"_placeholder\":true,\"num\":0}]";

  private final FakeStage up =
      new FakeStage("up", Direction.TO_UPSTREAM, PacketFilter.event("stop"));
  private final FakeStage down =
      new FakeStage("down", Direction.TO_CLIENT, PacketFilter.event("stop"));
  private final Conversation it = new Conversation(OffsetStyle.ARGUMENT, up, down);

  SuspendedStagesTest() throws ProtocolException {
    it.connected();
    up.action = (packet, session) -> suspend(session, Direction.TO_UPSTREAM);
    down.action = (packet, session) -> suspend(session, Direction.TO_CLIENT);
  }

  private static Verdict suspend(StageContext session, Direction direction) {
    session.suspend(direction, TIME);
    return Verdict.PASS;
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private static StageContext of(FakeStage stage) {
    return Objects.requireNonNull(stage.session);
  }

  @Test
  void directionStopsWithThePacketAndContinuesAtTheDeadline() throws ProtocolException {
    it.up("42[\"a\"]", BINARY, "<att>", "42[\"b\"]");
    it.up("42[\"c\"]");
    it.down("42[\"d\"]");
    assertThat(it.link.packets).containsExactly("42[\"a\"]");
    assertThat(it.shown()).as("the other direction").containsExactly("42[\"d\",\"tagtag.1\"]");

    it.timers.pass(TIME);

    assertThat(it.link.packets)
        .containsExactly("42[\"a\"]", BINARY, "<att>", "42[\"b\"]", "42[\"c\"]");
    assertThat(up.seen).hasSize(1);
  }

  @Test
  void stageLetsTheDirectionContinueBeforeTheDeadline() throws ProtocolException {
    it.down("42[\"a\"]", BINARY);
    it.down("<att>", "42[\"b\"]");
    assertThat(it.shown()).containsExactly("42[\"a\",\"tagtag.1\"]");

    of(down).resume(Direction.BOTH);

    assertThat(it.shown()).hasSize(4).last().isEqualTo("42[\"b\",\"tagtag.3\"]");
    it.down("42[\"c\"]");
    assertThat(it.shown()).last().isEqualTo("42[\"c\",\"tagtag.4\"]");
    assertThat(it.outboxes.taken()).isPositive();
    assertThat(it.pool.taken()).isZero();
  }

  @Test
  void packetThatSuspendsAgainStopsWhatIsBehindIt() throws ProtocolException {
    it.up("42[\"stop\",1]", "42[\"a\"]", "42[\"stop\",2]", "42[\"b\"]");

    it.timers.pass(TIME);
    assertThat(it.link.packets).containsExactly("42[\"stop\",1]", "42[\"a\"]");
    it.timers.pass(TIME);

    assertThat(it.link.packets).endsWith("42[\"stop\",2]", "42[\"b\"]").hasSize(4);
  }

  @Test
  void directionContinuesWhenNoStageSuspendsItAnyMore() throws ProtocolException {
    of(up).suspend(Direction.BOTH, TIME);
    of(down).suspend(Direction.TO_UPSTREAM, TIME.multipliedBy(2));
    it.up("42[\"a\"]");
    it.down("42[\"b\"]");

    it.timers.pass(TIME);
    assertThat(it.shown()).containsExactly("42[\"b\",\"tagtag.1\"]");
    assertThat(it.link.packets).isEmpty();
    it.timers.pass(TIME);

    assertThat(it.link.packets).containsExactly("42[\"a\"]");
  }

  @Test
  void laterDeadlineTakesThePlaceOfAnEarlierOne() throws ProtocolException {
    of(up).suspend(Direction.TO_UPSTREAM, TIME);
    of(up).suspend(Direction.TO_UPSTREAM, TIME.multipliedBy(2));
    it.up("42[\"a\"]");

    it.timers.pass(TIME);
    assertThat(it.link.packets).isEmpty();
    it.timers.pass(TIME);

    assertThat(it.link.packets).hasSize(1);
  }

  @Test
  void directionContinuesWhenTooMuchWaits() throws ProtocolException {
    String large = "42[\"" + "x".repeat((int) Conversation.WAITING) + "\"]";

    it.up("42[\"stop\"]", large, "42[\"a\"]");

    assertThat(it.link.packets).containsExactly("42[\"stop\"]", large, "42[\"a\"]");
  }

  @Test
  void directionContinuesWhenTheSuspendingStageFails() throws ProtocolException {
    it.down("42[\"stop\"]");
    up.action =
        (packet, session) -> {
          session.suspend(Direction.TO_CLIENT, TIME);
          throw new IllegalStateException("a fault of a stage");
        };
    of(down).resume(Direction.TO_CLIENT);

    it.up("42[\"stop\"]");
    it.down("42[\"a\"]");

    assertThat(it.shown()).last().isEqualTo("42[\"a\",\"tagtag.2\"]");
    assertThat(it.link.packets).hasSize(1);
  }

  @Test
  void whatWaitsIsForwardedBeforeItsSourceIsGone() throws ProtocolException {
    it.up("42[\"stop\"]", "42[\"a\"]");
    it.down("42[\"stop\"]", "42[\"b\"]");

    it.cut();
    assertThat(it.link.packets).containsExactly("42[\"stop\"]", "42[\"a\"]");
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.resume(1, null);

    assertThat(it.shown()).contains("42[\"b\",\"tagtag.2\"]");
  }

  @Test
  void whatWaitsIsForwardedBeforeAnotherTransportTakesOver() throws ProtocolException {
    it.up("42[\"stop\"]", "42[\"a\"]");

    it.resume(1, null);

    assertThat(it.link.packets).containsExactly("42[\"stop\"]", "42[\"a\"]");
  }

  @Test
  void heldPacketOfTheFormerLinkPrecedesTheNextOne() throws ProtocolException {
    it.overlap();
    it.down("42[\"stop\"]", "42[\"a\"]", "451-[\"half\"]");
    it.next("42[\"stop\"]", "42[\"a\"]", "42[\"b\"]");
    it.confirm();
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.timers.pass(TIME);

    assertThat(it.session.isClosed()).isFalse();
    assertThat(it.shown())
        .contains("42[\"a\",\"tagtag.3\"]")
        .last()
        .isEqualTo("42[\"b\",\"tagtag.4\"]");
  }

  @Test
  void sessionIsNotGivenAwayWhilePacketsWait() throws ProtocolException {
    it.transport.successor = Optional.of("b");
    it.down("42[\"stop\"]");

    it.session.handOff(true);
    it.confirm();
    assertThat(it.snapshot).isNull();
    it.timers.pass(TIME);
    it.confirm();

    assertThat(it.snapshot).isNotNull();
  }

  @Test
  void clientThatBrokeTheProtocolMeanwhileIsClosed() throws ProtocolException {
    it.up("42[\"stop\"]", "4x");

    it.timers.pass(TIME);

    assertThat(it.heard).contains("ended protocol-error");
    assertThat(it.link.packets).containsExactly("42[\"stop\"]");
  }

  @Test
  void upstreamThatBrokeTheProtocolMeanwhileEndsTheSession() throws ProtocolException {
    it.down("42[\"stop\"]", "<att>");

    it.timers.pass(TIME);

    assertThat(it.heard).contains("ended upstream-protocol");
  }

  @Test
  void nothingIsForwardedWhenTheSessionEnds() throws ProtocolException {
    it.up("42[\"stop\"]", "42[\"a\"]");

    it.session.close(CloseReason.DRAINED);
    it.timers.pass(TIME);

    assertThat(it.link.packets).isEmpty();
  }
}

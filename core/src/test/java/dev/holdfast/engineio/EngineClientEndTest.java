package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.engineio.ManualPeer.Fault;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How clients of both kinds of servers end. */
class EngineClientEndTest extends EngineClientFixture {
  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, false, true, ', refused'",
    "UPSTREAM, true, false, ''",
    "NODE, false, false, ''",
    "NODE, true, true, ', refused'"
  })
  void failedHandshakeTellsHowFarItGot(
      Server server, boolean connected, boolean refused, String end) {
    EngineClient client = dial(server);

    peer.fail(connected, refused);

    assertThat(heard.events).containsExactly("failed label, a sentence" + end);
    assertThat(client.wasConnected()).isEqualTo(connected);
  }

  @ParameterizedTest
  @EnumSource
  void dialThatFailsAtOnceHasReachedNobody(Server server) {
    peer.failAtOnce();

    EngineClient client = dial(server);

    assertThat(heard.events).containsExactly("failed label, a sentence");
    assertThat(client.wasConnected()).isFalse();
  }

  @Test
  void nothingBehindAnEngineIoCloseIsDelivered() {
    open(Server.UPSTREAM);

    peer.say("42[1]", "1", "42[2]");
    peer.close(1000, "");

    assertThat(heard.events)
        .containsExactly("42[1]", "UPSTREAM_CLOSED the server sent an Engine.IO close packet");
    assertThat(peer.sent()).as("an answer, and no complaint").containsExactly("close:1000");
  }

  @Test
  void connectionIsClosedThoughTheServerKeepsItOpenBehindItsEngineIoClose() {
    open(Server.UPSTREAM);

    peer.say("1");
    assertThat(peer.sent()).containsExactly("close:1000");
    peer.passTime(Duration.ofSeconds(3));

    assertThat(peer.isOpen()).isFalse();
    assertThat(peer.timers()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, 1000, '', UPSTREAM_CLOSED the peer closed with 1000",
    "UPSTREAM, 1001, '', UPSTREAM_CLOSED the peer closed with 1001",
    "UPSTREAM, 1002, '', UPSTREAM_BLAMED the peer closed with 1002",
    "UPSTREAM, 1007, '', UPSTREAM_BLAMED the peer closed with 1007",
    "UPSTREAM, 1008, kicked, UPSTREAM_CLOSED the peer closed with 1008",
    "UPSTREAM, 1009, '', UPSTREAM_BLAMED the peer closed with 1009",
    "UPSTREAM, 1011, '', UPSTREAM_CLOSED the peer closed with 1011",
    "NODE, 1013, no-buffers, NO_BUFFERS no-buffers",
    "NODE, 1008, not-resumed, NOT_RESUMED not-resumed",
    "NODE, 1002, '', 'PROTOCOL_ERROR '",
    "NODE, 1000, unheard-of, NODE_LOST unheard-of",
    "NODE, 1012, upstream, NODE_LOST upstream",
    "NODE, 1000, '', 'NODE_LOST '"
  })
  void closeCodeTellsOfAnUpstreamAndTheReasonOfANode(
      Server server, int code, String reason, String end) {
    open(server);

    peer.close(code, reason);

    assertThat(heard.events).containsExactly("batch end", end);
  }

  @ParameterizedTest
  @CsvSource({"UPSTREAM, UPSTREAM_CLOSED", "NODE, NODE_LOST"})
  void connectionThatBreaksEndsTheClient(Server server, CloseReason reason) {
    open(server);

    peer.lose();

    assertThat(heard.events).hasSize(1).first().asString().startsWith(reason + " ");
  }

  @Test
  void packetThatNoServerMaySendEndsTheClient() {
    open(Server.UPSTREAM);

    peer.say("5");

    assertThat(heard.events)
        .containsExactly(
            "batch end", "UPSTREAM_PROTOCOL a server may not send the Engine.IO packet type 53");
    assertThat(peer.sent())
        .containsExactly("close:1002 a server may not send the Engine.IO packet type 53");
  }

  @ParameterizedTest
  @CsvSource({"UPSTREAM, UPSTREAM_MESSAGE", "NODE, NODE_LOST"})
  void messageOverTheLimitEndsTheClient(Server server, CloseReason reason) {
    open(server);

    peer.say("4".repeat(MAX_MESSAGE));
    heard.events.clear();
    peer.say("4".repeat(MAX_MESSAGE + 1));

    assertThat(heard.events)
        .containsExactly(
            "batch end", reason + " a message has 1001 bytes, the limit is " + MAX_MESSAGE);
  }

  @ParameterizedTest
  @CsvSource({"UPSTREAM, NO_BUFFERS", "NODE, NODE_LOST"})
  void messageThatFindsNoBufferEndsTheClient(Server server, CloseReason reason) {
    memory = 0;
    open(server);

    peer.sayHalf("42[\"hello\"]");

    assertThat(heard.events).last().asString().startsWith(reason + " ");
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, true, INTERNAL",
    "UPSTREAM, false, INTERNAL",
    "NODE, true, NODE_LOST",
    "NODE, false, NODE_LOST"
  })
  void faultOfTheGatewayIsNotTheUpstreams(Server server, boolean open, CloseReason reason) {
    dial(server);
    peer.upgrade();
    if (open) {
      peer.say(ManualPeer.OPEN);
    }
    peer.failAt(Fault.READ);

    try (LogLines log = new LogLines()) {
      peer.say("42[1]");

      assertThat(log.traces()).containsExactly("a fault at READ");
    }
    assertThat(heard.events).doesNotContain("42[1]").last().asString().startsWith(reason + " ");
    assertThat(peer.sent()).containsExactly("close:1011 internal");
  }

  @ParameterizedTest
  @CsvSource({"UPSTREAM, UPSTREAM_PROTOCOL", "NODE, NODE_LOST"})
  void firstPacketThatIsNoOpenPacketEndsTheClient(Server server, CloseReason reason) {
    dial(server);
    peer.upgrade();

    peer.say("42[1]");

    assertThat(heard.events).containsExactly(reason + " the first packet is not an open packet");
  }

  /** The timeout is checked in quarters, and the check is at most one of them late. */
  @ParameterizedTest
  @CsvSource({"UPSTREAM, UPSTREAM_SILENT", "NODE, NODE_LOST"})
  void openPacketIsDueWithinTheHandshakeTimeout(Server server, CloseReason reason) {
    dial(server);
    peer.upgrade();

    peer.passTime(HANDSHAKE_TIMEOUT);
    assertThat(heard.events).isEmpty();
    peer.passTime(HANDSHAKE_TIMEOUT.dividedBy(4));

    assertThat(heard.events).containsExactly(reason + " no frame in PT10S");
    assertThat(peer.sent()).containsExactly("close:1001 silent for too long");
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, PT20S, UPSTREAM_SILENT no frame in PT20S",
    "UPSTREAM, , UPSTREAM_SILENT no frame in PT45S",
    "UPSTREAM, PT1M40S, UPSTREAM_SILENT no frame in PT1M40S",
    "NODE, , NODE_LOST no frame in PT45S"
  })
  void serverThatIsSilentForTooLongIsLeft(Server server, Duration timeout, String end) {
    silentTimeout = Optional.ofNullable(timeout);
    Duration limit = silentTimeout.orElse(SILENCE);
    open(server);
    peer.passTime(limit);
    peer.say("6");
    heard.events.clear();

    peer.passTime(limit);
    assertThat(heard.events).as("from the last frame on").isEmpty();
    peer.passTime(limit.dividedBy(4));

    assertThat(heard.events).containsExactly(end);
    assertThat(peer.sent()).containsExactly("close:1001 silent for too long");
  }

  @ParameterizedTest
  @EnumSource
  void silenceOfAClientThatIsNotReadDoesNotCount(Server server) {
    EngineClient client = open(server);
    client.pauseReads(PauseReason.SLOW_PEER);
    peer.passTime(Duration.ofHours(1));
    assertThat(heard.events).isEmpty();

    client.resumeReads(PauseReason.SLOW_PEER);
    peer.passTime(SILENCE.plus(SILENCE.dividedBy(4)));

    assertThat(heard.events).hasSize(1).first().asString().endsWith(" no frame in PT45S");
  }

  @ParameterizedTest
  @EnumSource
  void resumingAClientThatIsReadDoesNotCountAsAFrame(Server server) {
    EngineClient client = open(server);
    peer.passTime(SILENCE);

    client.resumeReads(PauseReason.SLOW_PEER);
    peer.passTime(SILENCE.dividedBy(4));

    assertThat(heard.events).hasSize(1).first().asString().endsWith(" no frame in PT45S");
  }

  @ParameterizedTest
  @EnumSource
  void clientThatEndedIsNotEndedAgain(Server server) {
    EngineClient client = open(server);
    peer.passTime(SILENCE.multipliedBy(2));
    heard.events.clear();

    peer.close(1001, "");
    client.close(CloseReason.CLIENT_LOST);

    assertThat(heard.events).isEmpty();
    assertThat(peer.timers()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, OPEN, INTERNAL",
    "UPSTREAM, LISTEN, INTERNAL",
    "NODE, OPEN, NODE_LOST",
    "NODE, LISTEN, NODE_LOST"
  })
  void clientThatCannotBeginEndsAndGivesItsConnectionBack(
      Server server, Fault fault, CloseReason reason) {
    peer.failAt(fault);

    try (LogLines log = new LogLines()) {
      dial(server);
      if (fault == Fault.LISTEN) {
        peer.upgrade();
      }

      assertThat(log.traces()).containsExactly("a fault at " + fault);
    }
    assertThat(heard.events).containsExactly(reason + " internal error");
    assertThat(peer.isCancelled()).isEqualTo(fault == Fault.LISTEN);
  }

  @ParameterizedTest
  @EnumSource
  void connectionIsClosedThoughTheListenerThrows(Server server) {
    open(server);
    heard.faulty = true;

    try (LogLines log = new LogLines()) {
      peer.passTime(SILENCE.plus(SILENCE.dividedBy(4)));

      assertThat(log.traces()).containsExactly("a fault of the listener");
    }
    assertThat(heard.events).hasSize(1);
    assertThat(peer.sent()).containsExactly("close:1011 internal");
  }
}

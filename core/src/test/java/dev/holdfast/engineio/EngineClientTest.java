package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients of both kinds of servers do, and where they differ. */
class EngineClientTest extends EngineClientFixture {
  @ParameterizedTest
  @EnumSource
  void clientTakesFramesOnceTheOpenPacketHasArrived(Server server) {
    EngineClient client = dial(server);
    peer.upgrade();

    assertThat(send(client)).isFalse();
    peer.say(ManualPeer.OPEN);
    assertThat(send(client)).isTrue();

    assertThat(heard.events).containsExactly("opened", "batch end");
    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]");
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, '42[1],batch end', text:3probe",
    "NODE, '2probe,6,42[1],batch end', ",
  })
  void nodesAloneHaveAllTheirPacketsPassedOn(Server server, String events, String sent) {
    open(server);

    peer.say("2probe", "6", "42[1]");

    assertThat(String.join(",", heard.events)).isEqualTo(events);
    assertThat(peer.sent()).isEqualTo(sent == null ? List.of() : List.of(sent));
  }

  @ParameterizedTest
  @EnumSource
  void attachmentIsPassedOnWhateverItsFirstByte(Server server) {
    open(server);

    peer.sayBinary(new byte[] {'1'});

    assertThat(heard.events).containsExactly("1", "batch end");
  }

  @ParameterizedTest
  @EnumSource
  void nextListenerHearsWhatComesFromThenOn(Server server) {
    EngineClient client = open(server);
    Heard next = new Heard();

    peer.say("42[1]");
    client.listener(next);
    peer.say("42[2]");
    peer.close(1000, "");

    assertThat(heard.events).containsExactly("42[1]", "batch end");
    assertThat(next.events).startsWith("42[2]", "batch end", "batch end").hasSize(4);
  }

  @ParameterizedTest
  @EnumSource
  void clientThatIsNotConnectedHasNothingToFlush(Server server) {
    assertThat(dial(server).isFlushed()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void clientIsFlushedWhenTheNetworkHasTakenAll(Server server) {
    EngineClient client = open(server);
    peer.fill();

    assertThat(send(client)).isTrue();
    assertThat(client.isFlushed()).isFalse();
    assertThat(send(client)).as("a frame that would have to wait, too").isFalse();
    peer.drain();

    assertThat(client.isFlushed()).isTrue();
    assertThat(heard.events).containsExactly("writable");
    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]");
  }

  @ParameterizedTest
  @EnumSource
  void clientThatIsNotOpenIsNotWritable(Server server) {
    dial(server);
    peer.upgrade();
    peer.fill();
    peer.ping("early");

    peer.drain();

    assertThat(peer.sent()).containsExactly("pong:early");
    assertThat(heard.events).isEmpty();
  }

  @Test
  void pingThatCannotBeAnsweredAtOnceIsAnsweredLater() {
    EngineClient client = open(Server.UPSTREAM);
    peer.fill();
    send(client);

    peer.say("2");
    peer.drain();
    peer.drain();

    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]", "text:3");
  }

  @ParameterizedTest
  @EnumSource
  void clientIsReadAgainWhenTheLastReasonToPauseIsGone(Server server) {
    EngineClient client = open(server);
    client.pauseReads(PauseReason.SLOW_PEER);
    client.pauseReads(PauseReason.PENDING);
    peer.say("42[1]");

    client.resumeReads(PauseReason.PENDING);
    peer.run();
    assertThat(heard.events).isEmpty();
    client.resumeReads(PauseReason.SLOW_PEER);
    peer.run();

    assertThat(heard.events).containsExactly("42[1]", "batch end");
  }

  @ParameterizedTest
  @CsvSource({"UPSTREAM, false", "UPSTREAM, true", "NODE, false", "NODE, true"})
  void clientThatWasPausedBeforeItIsConnectedIsReadOnlyIfItWasResumed(
      Server server, boolean resumed) {
    EngineClient client = dial(server);
    client.pauseReads(PauseReason.SLOW_PEER);
    if (resumed) {
      client.resumeReads(PauseReason.SLOW_PEER);
    }

    peer.upgrade();
    peer.say(ManualPeer.OPEN);

    assertThat(heard.events.contains("opened")).isEqualTo(resumed);
  }

  @ParameterizedTest
  @EnumSource
  void clientThatIsClosedBeforeItsTurnIsNotDialled(Server server) {
    begin(server).close(CloseReason.CLIENT_CLOSED);

    peer.run();

    assertThat(peer.isDialled()).isFalse();
    assertThat(heard.events).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void clientThatIsClosedInTheHandshakeGivesItUp(Server server) {
    dial(server).close(CloseReason.CLIENT_CLOSED);

    assertThat(peer.isCancelled()).isTrue();
    assertThat(heard.events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM, true, CLIENT_CLOSED, 'text:1,close:1000'",
    "UPSTREAM, false, CLIENT_CLOSED, close:1000",
    "UPSTREAM, true, CLIENT_LOST, close:1000",
    "UPSTREAM, true, KICKED, close:1000",
    "NODE, true, CLIENT_CLOSED, close:1000 client-closed",
    "NODE, false, CLIENT_LOST, close:1000 client-lost",
    "NODE, true, PROTOCOL_ERROR, close:1002 protocol-error"
  })
  void closingSaysWhatTheServerUnderstandsOnce(
      Server server, boolean open, CloseReason reason, String sent) {
    EngineClient client = dial(server);
    peer.upgrade();
    if (open) {
      peer.say(ManualPeer.OPEN);
    }
    heard.events.clear();

    client.close(reason);
    client.close(CloseReason.KICKED);
    peer.say("42[1]");
    peer.passTime(Duration.ofHours(1));

    assertThat(String.join(",", peer.sent())).isEqualTo(sent);
    assertThat(heard.events).isEqualTo(open ? List.of("closed " + reason) : List.of());
    assertThat(send(client)).isFalse();
    assertThat(peer.timers()).as("a client that is closed is not watched").isZero();
  }
}

package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamLinkTest extends UpstreamLinkFixture {
  @Test
  void linkTakesFramesOnceTheOpenPacketHasArrived() {
    UpstreamLink link = dial();
    peer.upgrade();

    assertThat(link.send(frame())).isFalse();
    peer.say(ManualPeer.OPEN);
    assertThat(link.send(frame())).isTrue();

    assertThat(heard.events).containsExactly("writable", "batch end");
    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]");
    assertThat(openLinks()).isEqualTo(1);
    assertThat(upstream.takeLinked()).isTrue();
  }

  @Test
  void linkThatIsNotConnectedHasNothingToFlush() {
    assertThat(dial().isFlushed()).isTrue();
  }

  @Test
  void linkIsFlushedWhenTheNetworkHasTakenAll() {
    UpstreamLink link = open();
    peer.fill();

    assertThat(link.send(frame())).isTrue();
    assertThat(link.isFlushed()).isFalse();
    assertThat(link.send(frame())).as("a frame that would have to wait, too").isFalse();
    peer.drain();

    assertThat(link.isFlushed()).isTrue();
    assertThat(heard.events).containsExactly("writable");
    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]");
  }

  @Test
  void pingThatCannotBeAnsweredAtOnceIsAnsweredLater() {
    UpstreamLink link = open();
    peer.fill();
    link.send(frame());

    peer.say("2");
    peer.drain();
    peer.drain();

    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]", "text:3");
  }

  @Test
  void onlySocketIoPacketsAreDelivered() {
    open();

    peer.say("2probe", "6", "42[1]");
    peer.sayBinary(new byte[] {'1'});

    assertThat(heard.events).containsExactly("42[1]", "batch end", "1", "batch end");
    assertThat(peer.sent()).containsExactly("text:3probe");
  }

  @Test
  void linkIsReadAgainWhenTheLastReasonToPauseIsGone() {
    UpstreamLink link = open();
    link.pauseReads(PauseReason.SLOW_PEER);
    link.pauseReads(PauseReason.PENDING);
    peer.say("42[1]");

    link.resumeReads(PauseReason.PENDING);
    peer.run();
    assertThat(heard.events).isEmpty();
    link.resumeReads(PauseReason.SLOW_PEER);
    peer.run();

    assertThat(heard.events).containsExactly("42[1]", "batch end");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void linkThatWasPausedBeforeItIsConnectedIsReadOnlyIfItWasResumed(boolean resumed) {
    UpstreamLink link = dial();
    link.pauseReads(PauseReason.SLOW_PEER);
    if (resumed) {
      link.resumeReads(PauseReason.SLOW_PEER);
    }

    peer.upgrade();
    peer.say(ManualPeer.OPEN);

    assertThat(heard.events.contains("writable")).isEqualTo(resumed);
  }

  @Test
  void linkThatIsClosedBeforeItsTurnIsNotDialled() {
    begin(MEMORY, Optional.empty()).close(CloseReason.CLIENT_CLOSED);

    peer.run();

    assertThat(peer.isDialled()).isFalse();
    assertThat(heard.events).isEmpty();
  }

  @Test
  void linkThatIsClosedInTheHandshakeGivesItUp() {
    dial().close(CloseReason.CLIENT_CLOSED);

    assertThat(peer.isCancelled()).isTrue();
    assertThat(heard.events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "true, CLIENT_CLOSED, text:1",
    "true, CLIENT_LOST, close:1000",
    "false, CLIENT_CLOSED, close:1000"
  })
  void onlyAnOpenLinkOfAClientThatClosedSaysSo(boolean open, CloseReason reason, String first) {
    UpstreamLink link = dial();
    peer.upgrade();
    if (open) {
      peer.say(ManualPeer.OPEN);
    }
    heard.events.clear();

    link.close(reason);
    link.close(reason);

    assertThat(peer.sent()).startsWith(first);
    assertThat(peer.sent()).filteredOn(sent -> sent.startsWith("close:")).hasSize(1);
    assertThat(heard.events).isEmpty();
    assertThat(openLinks()).isZero();
  }
}

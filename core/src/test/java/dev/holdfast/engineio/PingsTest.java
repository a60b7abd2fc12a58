package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engineio.Pings.Pong;
import dev.holdfast.time.ManualTimers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PingsTest {
  private static final Duration INTERVAL = Duration.ofSeconds(25);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final List<String> sent = new ArrayList<>();
  private final ManualTimers timers = new ManualTimers();
  private final Pings pings =
      new Pings(
          timers,
          new Application.Terms(INTERVAL, TIMEOUT, 1000),
          this::takes,
          () -> sent.add("expired"));
  private boolean taking = true;

  private boolean takes(ByteBuffer frames) {
    if (taking) {
      sent.add("frames");
    }
    return taking;
  }

  PingsTest() {
    pings.start();
  }

  @Test
  void pongConfirmsWhatWasGivenBeforeItsPing() {
    pings.given(100);
    assertThat(pings.ask()).isTrue();
    pings.given(50);

    assertThat(pings.pongReceived()).isEqualTo(Pong.OURS);

    assertThat(pings.confirmed()).isEqualTo(100);
  }

  @Test
  void laterPingDoesNotChangeWhatAnEarlierPongConfirms() {
    pings.given(100);
    pings.ask();
    pings.given(50);
    pings.pongReceived();

    assertThat(pings.ask()).isTrue();

    assertThat(pings.confirmed()).isEqualTo(100);
    assertThat(pings.pongReceived()).isEqualTo(Pong.OURS);
    assertThat(pings.confirmed()).isEqualTo(150);
  }

  @Test
  void pongThatNobodyAskedForConfirmsNothing() {
    pings.given(100);

    assertThat(pings.pongReceived()).isEqualTo(Pong.NOBODYS);
    assertThat(pings.confirmed()).isZero();
  }

  @Test
  void pingThatIsStillToBeSentIsAnsweredByNone() {
    taking = false;
    pings.given(100);
    assertThat(pings.ask()).isFalse();
    assertThat(pings.isDue()).isTrue();

    assertThat(pings.pongReceived()).isEqualTo(Pong.NOBODYS);
    assertThat(pings.confirmed()).isZero();
  }

  @Test
  void clientThatIsNotReadIsNotMissed() {
    timers.pass(INTERVAL);
    pings.pause();
    timers.pass(TIMEOUT);
    assertThat(sent).containsExactly("frames");

    pings.resume();
    timers.pass(TIMEOUT.minusMillis(1));
    assertThat(sent).containsExactly("frames");
    timers.pass(Duration.ofMillis(1));

    assertThat(sent).containsExactly("frames", "expired");
  }

  @Test
  void pongToOurPingIsNotPassedOnWhileSpliced() {
    pings.ask();

    pings.splice();

    assertThat(pings.pongReceived()).isEqualTo(Pong.NOBODYS);
    assertThat(pings.pongReceived()).isEqualTo(Pong.PASSED_ON);
  }

  @Test
  void pingThatWasStillToBeSentIsForgottenByASplice() {
    taking = false;
    pings.ask();

    pings.splice();

    assertThat(pings.isDue()).isFalse();
    assertThat(pings.pongReceived()).isEqualTo(Pong.PASSED_ON);
  }

  @Test
  void pongsToTheFormerNodesPingsConfirmNothing() {
    pings.splice();
    pings.unsplice(1);
    pings.given(100);
    pings.ask();

    assertThat(pings.pongReceived()).isEqualTo(Pong.NOBODYS);
    assertThat(pings.confirmed()).isZero();
    assertThat(pings.pongReceived()).isEqualTo(Pong.OURS);
    assertThat(pings.confirmed()).isEqualTo(100);
  }

  @Test
  void pingLeavesWithFramesThatHaveRoomBehindThem() {
    assertThat(pings.fitsBehind(ByteBuffer.allocate(100))).isFalse();
    ByteBuffer frames = ByteBuffer.allocate(100).limit(50);
    assertThat(pings.fitsBehind(frames)).isTrue();

    assertThat(pings.sendWith(frames)).isTrue();

    assertThat(sent).containsExactly("frames");
    assertThat(pings.fitsBehind(ByteBuffer.allocate(100).limit(50))).isFalse();
    assertThat(pings.pongReceived()).isEqualTo(Pong.OURS);
    assertThat(pings.confirmed()).isEqualTo(50);
  }

  @Test
  void framesThatAreNotTakenLeaveNoPingBehind() {
    ByteBuffer frames = ByteBuffer.allocate(100).limit(50);
    taking = false;

    assertThat(pings.sendWith(frames)).isFalse();

    assertThat(frames.limit()).isEqualTo(50);
    assertThat(pings.given()).isZero();
    assertThat(pings.pongReceived()).isEqualTo(Pong.NOBODYS);
  }
}

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
  private final List<String> sent = new ArrayList<>();
  private final Pings pings =
      new Pings(
          new ManualTimers(),
          new Application.Terms(Duration.ofSeconds(25), Duration.ofSeconds(20), 1000),
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
}

package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.wire.ManualConnection;
import dev.holdfast.wire.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeProbeTest {
  private static final String REFUSED = "close 1008";

  private final SocketFixture fixture = new SocketFixture(false);
  private final EngineSocket session = fixture.socket;
  private final ManualConnection connection = new ManualConnection(fixture.loop, false);
  private final UpgradeProbe probe =
      WebSocket.open(
          connection,
          WebSocket.Role.SERVER,
          new WebSocket.Limits(new BufferPool(1 << 20), 1000, (frames, bytes) -> {}),
          socket -> new UpgradeProbe(socket, session));

  UpgradeProbeTest() {
    fixture.owned();
    fixture.polls();
  }

  private void receive(String packet) {
    connection.receive(TextFrame.masked(packet));
  }

  /** Whether the session may be probed again, so that nothing of this probe is left. */
  private boolean isForgotten() {
    return !session.isProbed() && session.probe(() -> {});
  }

  @Test
  void webSocketCarriesTheSessionBehindItsProbe() {
    probe.begin();
    receive("2probe");
    assertThat(connection.sent()).containsExactly("3probe");
    assertThat(session.kind()).isEqualTo("polling");

    receive("5");
    receive("42[\"a\"]");

    assertThat(session.kind()).isEqualTo("websocket");
    assertThat(fixture.heard).containsExactly("writable", "batch end", "42[\"a\"]", "batch end");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "2", "2prob", "2probes", "2Probe", "3probe", "42[\"a\"]"})
  void webSocketThatBeginsWithAnythingElseIsRefused(String packet) {
    probe.begin();

    receive(packet);

    assertThat(connection.sent()).containsExactly(REFUSED);
    assertThat(isForgotten()).isTrue();
  }

  @Test
  void binaryMessageIsNoProbe() {
    byte[] probing = "2probe".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + probing.length);
    FrameHeader.writeMasked(frame, Opcode.BINARY, probing.length, 0);
    byte[] sent = new byte[frame.put(probing).flip().remaining()];
    frame.get(sent);
    probe.begin();

    connection.receive(sent);

    assertThat(connection.sent()).containsExactly(REFUSED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2probe", "4", "55", "6"})
  void probeThatGoesOnWithAnythingElseIsRefusedAndPollingGoesOn(String packet) {
    probe.begin();
    receive("2probe");
    assertThat(session.isProbed()).isTrue();

    receive(packet);

    assertThat(connection.sent()).containsExactly("3probe", REFUSED);
    assertThat(session.kind()).isEqualTo("polling");
    assertThat(fixture.heard).containsExactly("writable");
    assertThat(isForgotten()).isTrue();
  }

  @Test
  void probeThatIsNotFinishedInTimeIsRefused() {
    probe.begin();
    receive("2probe");

    fixture.loop.timers().pass(SocketFixture.UPGRADE_TIMEOUT.minusMillis(1));
    assertThat(connection.sent()).containsExactly("3probe");
    fixture.loop.timers().pass(Duration.ofMillis(1));

    assertThat(connection.sent()).containsExactly("3probe", REFUSED);
    assertThat(isForgotten()).isTrue();
  }

  @Test
  void webSocketThatHasUpgradedInTimeStays() {
    probe.begin();
    receive("2probe");
    fixture.loop.timers().pass(SocketFixture.UPGRADE_TIMEOUT.minusMillis(1));
    receive("5");

    fixture.loop.timers().pass(Duration.ofMillis(1));
    connection.takeAll();

    assertThat(connection.sent()).containsExactly("3probe");
    assertThat(session.kind()).isEqualTo("websocket");
    assertThat(fixture.heard).endsWith("writable");
  }

  @Test
  void secondWebSocketIsRefusedOnce() {
    session.probe(() -> {});
    probe.begin();
    receive("42[\"a\"]");

    fixture.loop.run();

    assertThat(connection.sent()).containsExactly(REFUSED);
  }

  @Test
  void webSocketThatIsLostBeforeItsUpgradeIsForgotten() {
    probe.begin();
    receive("2probe");

    connection.lose();

    assertThat(isForgotten()).isTrue();
    assertThat(session.isClosed()).isFalse();
  }

  @Test
  void webSocketEndsWithTheSessionThatItProbes() {
    probe.begin();
    receive("2probe");

    session.close(CloseReason.KICKED);
    fixture.loop.run();

    assertThat(connection.sent()).containsExactly("3probe", REFUSED);
  }

  @Test
  void clientIsLostWithTheWebSocketThatHasUpgraded() {
    probe.begin();
    receive("2probe");
    receive("5");

    connection.lose();

    assertThat(fixture.heard).endsWith("closed client-lost");
  }
}

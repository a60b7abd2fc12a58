package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.RecordingListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PendingTransportTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MOST_EARLY = 60;

  private final SocketFixture fixture = new SocketFixture(false);
  private final SocketFixture.Wire wire = new SocketFixture.Wire();
  private final List<String> heard = fixture.heard;
  private final PendingTransport transport =
      new PendingTransport(
          fixture.socket,
          (pending, connect, header) -> heard.add("connected"),
          Optional.empty(),
          MOST_EARLY);

  enum Event {
    ACK,
    ATTACHMENT,
    CONNECT,
    EVENT,
    JOIN,
    OWN,
    TIMEOUT,
    CLOSE
  }

  PendingTransportTest() {
    fixture.socket.open(wire.carrier());
    transport.begin(TIMEOUT);
  }

  private void enter(PendingTransport.State state) throws ProtocolException {
    switch (state) {
      case CONNECT -> {}
      case SESSION -> receive("40");
      case JOINED -> {
        receive("40");
        join();
      }
      case CLOSED -> fixture.socket.fail(CloseReason.CLIENT_LOST);
    }
    heard.clear();
    wire.sent.clear();
  }

  private void happens(Event event) throws ProtocolException {
    switch (event) {
      case ACK -> receive("430[]");
      case ATTACHMENT -> receiveBinary();
      case CONNECT -> receive("40");
      case EVENT -> receive("42[]");
      case JOIN -> join();
      case OWN -> transport.own();
      case TIMEOUT -> fixture.loop.timers().pass(TIMEOUT);
      case CLOSE -> fixture.socket.fail(CloseReason.CLIENT_LOST);
    }
  }

  private void receive(String packet) throws ProtocolException {
    FrameBatch.each(TextFrame.masked(packet), fixture.socket::message);
  }

  private void receiveBinary() throws ProtocolException {
    byte[] payload = "bytes".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + payload.length);
    FrameHeader.writeMasked(frame, Opcode.BINARY, payload.length, 0);
    byte[] sent = new byte[frame.put(payload).flip().remaining()];
    frame.get(sent);
    FrameBatch.each(sent, fixture.socket::message);
  }

  /** Owns the socket, as a session does before it joins. */
  private void join() {
    RecordingListener session = new RecordingListener(heard);
    fixture.socket.own().listener(session);
    transport.join(session);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CONNECT | ACK        | CONNECT |
          CONNECT | ATTACHMENT | CONNECT | refused
          CONNECT | CONNECT    | SESSION | connected
          CONNECT | EVENT      | CONNECT | refused
          CONNECT | JOIN       | JOINED  | batch end
          CONNECT | OWN        | CONNECT |
          CONNECT | TIMEOUT    | CLOSED  | end connect-timeout
          CONNECT | CLOSE      | CLOSED  | end client-lost
          SESSION | ACK        | SESSION |
          SESSION | ATTACHMENT | SESSION |
          SESSION | CONNECT    | SESSION |
          SESSION | EVENT      | SESSION |
          SESSION | JOIN       | JOINED  | batch end
          SESSION | OWN        | SESSION |
          SESSION | TIMEOUT    | SESSION |
          SESSION | CLOSE      | CLOSED  | end client-lost
          JOINED  | ACK        | JOINED  | 430[]
          JOINED  | ATTACHMENT | JOINED  | bytes
          JOINED  | CONNECT    | JOINED  | 40
          JOINED  | EVENT      | JOINED  | 42[]
          JOINED  | JOIN       | JOINED  | batch end
          JOINED  | OWN        | SESSION |
          JOINED  | TIMEOUT    | JOINED  |
          JOINED  | CLOSE      | JOINED  | closed client-lost, end client-lost
          CLOSED  | ACK        | CLOSED  |
          CLOSED  | ATTACHMENT | CLOSED  |
          CLOSED  | CONNECT    | CLOSED  |
          CLOSED  | EVENT      | CLOSED  |
          CLOSED  | JOIN       | CLOSED  | batch end, closed client-lost
          CLOSED  | OWN        | CLOSED  |
          CLOSED  | TIMEOUT    | CLOSED  |
          CLOSED  | CLOSE      | CLOSED  |
          """)
  void eachStateAnswersEachEvent(
      PendingTransport.State state, Event event, PendingTransport.State next, String effects)
      throws ProtocolException {
    enter(state);
    List<String> seen = new ArrayList<>();

    try {
      happens(event);
    } catch (ProtocolException e) {
      seen.add("refused");
    }

    seen.addAll(heard);
    seen.addAll(wire.sent);
    assertThat(transport.state()).isEqualTo(next);
    assertThat(String.join(", ", seen)).isEqualTo(effects == null ? "" : effects);
  }

  @Test
  void answersBeforeConnectAreKeptWithTheirAttachments() throws ProtocolException {
    receive("461-0[{}]");
    receiveBinary();
    receive("431[]");

    List<String> kept = new ArrayList<>();
    FrameBatch.each(
        transport.early().take(),
        message -> kept.add(new String(message.bytes(0), StandardCharsets.UTF_8)));
    assertThat(kept).containsExactly("461-0[{}]", "bytes", "431[]");
  }

  @Test
  void answersBeforeConnectAreBounded() throws ProtocolException {
    receive("430[" + "1".repeat(MOST_EARLY / 2) + "]");

    assertThatThrownBy(() -> receive("431[" + "1".repeat(MOST_EARLY / 2) + "]"))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void sessionGetsWhatCameBehindConnectInItsOrder() throws ProtocolException {
    receive("40");
    receive("42[1]");
    transport.keep(TextFrame.masked("42[2]"));
    receive("42[3]");

    join();

    assertThat(heard).containsExactly("connected", "42[1]", "42[2]", "42[3]", "batch end");
  }
}

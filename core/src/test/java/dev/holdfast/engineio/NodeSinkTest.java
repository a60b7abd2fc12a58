package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.QuietListener;
import dev.holdfast.wire.FrameSink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeSinkTest {
  private static final String EVENT = "42[\"" + "x".repeat(93) + "\"]";

  private final Socket socket = new Socket();
  private final Session session = new Session();
  private final NodeSink sink = new NodeSink(socket, 1000);

  /** Remembers the texts that it was given. */
  private static final class Socket implements FrameSink {
    private final List<String> sent = new ArrayList<>();
    private boolean taking = true;

    @Override
    public boolean send(ByteBuffer frames) {
      if (taking) {
        // A server's text frame up to 125 bytes has two bytes in front.
        sent.add(StandardCharsets.UTF_8.decode(frames.position(2)).toString());
      }
      return taking;
    }

    @Override
    public void pauseReads() {}

    @Override
    public void resumeReads() {}
  }

  private static final class Session extends QuietListener {
    private boolean takenOver;

    @Override
    public void takenOver() {
      takenOver = true;
    }
  }

  private boolean send() {
    return sink.send(ByteBuffer.wrap(TextFrame.of(EVENT)));
  }

  private int sendAll() {
    int count = 0;
    while (count < 100 && send()) {
      count++;
    }
    return count;
  }

  private boolean noop(String noop) {
    ByteBuffer frame = ByteBuffer.wrap(TextFrame.masked(noop));
    return sink.noop(new Message().ofFrame(frame, true), session);
  }

  @Test
  void noMoreIsOnItsWayThanTheLimitAndOneWrite() {
    assertThat(sendAll()).isEqualTo(10);

    assertThat(socket.sent).containsOnlyOnce(SpliceControl.RECEIPT_ASKED);
    assertThat(socket.sent.indexOf(SpliceControl.RECEIPT_ASKED)).isEqualTo(5);
  }

  @Test
  void receiptMakesRoomForWhatItConfirms() {
    sendAll();

    assertThat(noop(SpliceControl.RECEIPT)).isTrue();

    assertThat(sendAll()).isEqualTo(5);
  }

  @Test
  void receiptThatWasAskedForPassesWhateverIsOnItsWay() {
    sendAll();

    assertThat(noop(SpliceControl.RECEIPT_ASKED)).isFalse();

    assertThat(sink.sendReceipt()).isTrue();
    assertThat(socket.sent).endsWith(SpliceControl.RECEIPT);
  }

  @Test
  void receiptIsSentLaterWhenTheSocketTakesNothing() {
    noop(SpliceControl.RECEIPT_ASKED);
    socket.taking = false;
    assertThat(sink.sendReceipt()).isFalse();

    socket.taking = true;

    assertThat(sink.sendReceipt()).isTrue();
    assertThat(socket.sent).containsExactly(SpliceControl.RECEIPT);
  }

  @Test
  void nodeIsAskedAgainWhenTheSocketTakesNothing() {
    for (int i = 0; i < 5; i++) {
      send();
    }
    socket.taking = false;
    assertThat(send()).isFalse();

    socket.taking = true;

    assertThat(send()).isTrue();
    assertThat(socket.sent).contains(SpliceControl.RECEIPT_ASKED);
  }

  @Test
  void nodeThatTookTheSessionOverIsNotHeldBack() {
    sendAll();

    noop(SpliceControl.TAKEN_OVER);

    assertThat(session.takenOver).isTrue();
    assertThat(sendAll()).isEqualTo(100);
  }

  @Test
  void nodeSaysWhetherItWouldTakeTheSessionOver() throws ProtocolException {
    noop("6n1");
    assertThat(sink.successor()).contains("n1");

    noop("6");

    assertThat(sink.successor()).isEmpty();
  }
}

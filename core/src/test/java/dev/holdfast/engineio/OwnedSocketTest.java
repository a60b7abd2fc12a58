package dev.holdfast.engineio;

import static dev.holdfast.engineio.SocketFixture.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.RecordingListener;
import org.junit.jupiter.api.Test;

class OwnedSocketTest {
  private final SocketFixture fixture = new SocketFixture(true);
  private final EngineSocket socket = fixture.socket;
  private final SocketFixture.Wire wire = new SocketFixture.Wire();

  OwnedSocketTest() {
    socket.open(wire.carrier(new NodeSink(wire, 1000)));
  }

  private OwnedSocket former() {
    OwnedSocket former = fixture.owned();
    fixture.owned();
    return former;
  }

  @Test
  void formerOwnersFramesAreDropped() {
    OwnedSocket former = former();

    assertThat(former.send(frame("42[\"a\"]"))).isTrue();
    assertThat(former.sendBeforePing(frame("42[\"b\"]"))).isTrue();
    assertThat(former.sendLast(frame("42[\"c\"]"))).isFalse();
    assertThat(former.ping()).isFalse();

    assertThat(wire.sent).isEmpty();
  }

  @Test
  void formerOwnerCannotEndIt() {
    OwnedSocket former = former();

    former.fail(CloseReason.INTERNAL);
    former.close(CloseReason.KICKED);
    assertThat(former.leave(CloseReason.DRAINED)).isFalse();

    assertThat(socket.isClosed()).isFalse();
    assertThat(wire.sent).isEmpty();
    assertThat(fixture.heard).isEmpty();
  }

  @Test
  void formerOwnersReasonsNotToReadAreGone() {
    OwnedSocket former = fixture.owned();
    former.pauseReads(PauseReason.SLOW_PEER);
    assertThat(wire.reading).isFalse();

    OwnedSocket present = fixture.owned();
    assertThat(wire.reading).isTrue();
    former.pauseReads(PauseReason.PENDING);
    assertThat(wire.reading).isTrue();
    present.pauseReads(PauseReason.PENDING);
    former.resumeReads(PauseReason.PENDING);
    former.resumeReads(PauseReason.SLOW_PEER);

    assertThat(wire.reading).isFalse();
  }

  @Test
  void clientIsReadAgainWhenNoReasonIsLeft() {
    OwnedSocket owner = fixture.owned();
    owner.pauseReads(PauseReason.SLOW_PEER);
    owner.pauseReads(PauseReason.OTHER_THREAD);

    owner.resumeReads(PauseReason.SLOW_PEER);
    assertThat(wire.reading).isFalse();
    owner.resumeReads(PauseReason.OTHER_THREAD);

    assertThat(wire.reading).isTrue();
  }

  @Test
  void successorIsTheNodeThatTheOtherNodeNames() throws ProtocolException {
    OwnedSocket owner = fixture.owned();

    fixture.receive("6n1");

    assertThat(owner.successor()).contains("n1");
  }

  @Test
  void ownerHearsThatItHasFailedTheSocket() {
    OwnedSocket owner = fixture.owned();

    owner.fail(CloseReason.INTERNAL);

    assertThat(fixture.heard).containsExactly("closed internal");
    assertThat(wire.sent).containsExactly("end internal");
  }

  @Test
  void confirmationForAnOwnerWhoHearsNothingYetIsDropped() throws ProtocolException {
    OwnedSocket former = fixture.owned();
    former.send(frame("42[\"a\"]"));
    former.ping();
    fixture.receive("3");
    OwnedSocket next = socket.own();

    socket.batchEnd();
    next.listener(new RecordingListener(fixture.heard));
    socket.batchEnd();

    assertThat(fixture.heard).containsExactly("batch end");
  }

  @Test
  void onlyWhatThisOwnerHasSentIsConfirmedToIt() throws ProtocolException {
    fixture.owned().send(frame("42[\"former\"]"));
    OwnedSocket present = fixture.owned();
    present.send(frame("42[\"a\"]"));
    present.ping();

    fixture.receive("3");
    socket.batchEnd();

    assertThat(fixture.heard).containsExactly("batch end", "acknowledged 9");
  }
}

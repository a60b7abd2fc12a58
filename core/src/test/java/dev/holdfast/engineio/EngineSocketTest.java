package dev.holdfast.engineio;

import static dev.holdfast.engineio.SocketFixture.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineSocketTest {
  private final SocketFixture fixture = new SocketFixture(false);
  private final EngineSocket socket = fixture.socket;
  private final List<String> heard = fixture.heard;
  private final SocketFixture.Wire wire = new SocketFixture.Wire();

  private OwnedSocket open() {
    socket.open(wire.carrier());
    return fixture.owned();
  }

  @Test
  void takesNothingBeforeSomethingCarriesIt() {
    OwnedSocket owner = fixture.owned();

    assertThat(socket.kind()).isEqualTo("none");
    assertThat(owner.send(frame("42[\"a\"]"))).isFalse();
    assertThat(owner.sendLast(frame("42[\"a\"]"))).isFalse();
    assertThat(owner.successor()).isEmpty();
    socket.writable();
    assertThat(heard).isEmpty();
  }

  @Test
  void isNotLeftBeforeSomethingCarriesIt() {
    OwnedSocket owner = fixture.owned();

    owner.leave(CloseReason.DRAINED);
    socket.open(wire.carrier());

    assertThat(wire.sent).isEmpty();
    assertThat(owner.send(frame("42[\"a\"]"))).isTrue();
  }

  @Test
  void endsOnceThoughNothingCarriesItYet() {
    List<CloseReason> ends = new ArrayList<>();
    socket.onClosed(ends::add);

    socket.close(CloseReason.DRAINED);
    socket.close(CloseReason.KICKED);

    assertThat(ends).containsExactly(CloseReason.DRAINED);
  }

  @Test
  void reasonsNotToReadMayComeAndGoBeforeSomethingCarriesIt() throws ProtocolException {
    OwnedSocket owner = fixture.owned();
    owner.pauseReads(PauseReason.PENDING);
    owner.resumeReads(PauseReason.PENDING);

    socket.open(wire.carrier());
    fixture.receive("42[\"a\"]");

    assertThat(wire.reading).isTrue();
    assertThat(heard).containsExactly("42[\"a\"]");
  }

  @Test
  void whatComesBeforeItHasAnOwnerIsNobodys() throws ProtocolException {
    socket.open(wire.carrier());

    fixture.receive("42[\"a\"]");
    socket.batchEnd();
    socket.writable();
    OwnedSocket owner = fixture.owned();

    assertThat(heard).isEmpty();
    assertThat(socket.isUnconfirmed()).isFalse();
    owner.pauseReads(PauseReason.UNCONFIRMED);
    assertThat(socket.isUnconfirmed()).isTrue();
  }

  @Test
  void endsThoughItHasNoOwner() {
    socket.open(wire.carrier());

    socket.fail(CloseReason.CLIENT_LOST);

    assertThat(socket.isClosed()).isTrue();
    assertThat(wire.sent).containsExactly("end client-lost");
  }

  @Test
  void whatComesBehindTheClientsCloseIsNotHeard() throws ProtocolException {
    OwnedSocket owner = open();

    fixture.receive("1");
    fixture.receive("42[\"late\"]");
    socket.batchEnd();
    socket.writable();
    owner.leave(CloseReason.DRAINED);

    assertThat(heard).containsExactly("closed client-closed");
    assertThat(wire.sent).containsExactly("end client-closed");
  }

  @Test
  void framesForAClientThatIsGoneAreTakenAndDropped() {
    OwnedSocket owner = open();
    socket.fail(CloseReason.CLIENT_LOST);

    assertThat(owner.send(frame("42[\"a\"]"))).isTrue();
    assertThat(owner.sendLast(frame("42[\"a\"]"))).isFalse();

    assertThat(wire.sent).containsExactly("end client-lost");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "3", "5", "6"})
  void packetThatMeansNothingIsNotMinded(String packet) throws ProtocolException {
    open();

    fixture.receive(packet);
    socket.batchEnd();

    assertThat(heard).containsExactly("batch end");
    assertThat(socket.isClosed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "2probe", "7", "x"})
  void packetThatNoClientMaySendIsRefused(String packet) {
    open();

    assertThatThrownBy(() -> fixture.receive(packet)).isInstanceOf(ProtocolException.class);
    assertThat(heard).isEmpty();
  }

  @Test
  void pongConfirmsBehindTheReadThatBroughtIt() throws ProtocolException {
    OwnedSocket owner = open();
    owner.send(frame("42[\"a\"]"));
    owner.ping();

    fixture.receive("3");
    fixture.receive("42[\"b\"]");
    socket.batchEnd();
    socket.batchEnd();

    assertThat(heard).containsExactly("42[\"b\"]", "batch end", "acknowledged 9", "batch end");
  }

  @Test
  void pongInTheReadThatEndsTheSessionConfirmsNothing() throws ProtocolException {
    open().ping();

    fixture.receive("3");
    fixture.receive("1");
    socket.batchEnd();

    assertThat(heard).containsExactly("closed client-closed");
  }

  @Test
  void clientThatAnswersNoPingInTimeIsLost() {
    open();
    fixture.loop.timers().pass(SocketFixture.PING_INTERVAL);
    assertThat(wire.sent).containsExactly("2");

    fixture.loop.timers().pass(SocketFixture.PING_TIMEOUT.minusMillis(1));
    assertThat(heard).isEmpty();
    fixture.loop.timers().pass(Duration.ofMillis(1));

    assertThat(heard).containsExactly("closed ping-timeout");
  }

  @Test
  void pingThatIsDueGoesBeforeEverythingElse() {
    OwnedSocket owner = open();
    wire.taking = false;
    fixture.loop.timers().pass(SocketFixture.PING_INTERVAL);
    socket.writable();
    assertThat(heard).isEmpty();

    wire.taking = true;
    assertThat(owner.send(frame("42[\"a\"]"))).isFalse();
    socket.writable();

    assertThat(heard).containsExactly("writable");
    assertThat(owner.send(frame("42[\"a\"]"))).isTrue();
    assertThat(wire.sent).containsExactly("2", "42[\"a\"]");
  }

  @Test
  void socketThatIsBeingLeftHearsAndSaysNothingMore() throws ProtocolException {
    OwnedSocket owner = open();

    owner.leave(CloseReason.DRAINED);
    owner.leave(CloseReason.KICKED);
    assertThat(owner.send(frame("42[\"a\"]"))).isFalse();
    fixture.receive("42[\"b\"]");
    socket.fail(CloseReason.CLIENT_LOST);

    assertThat(heard).containsExactly("42[\"b\"]", "closed drained");
    assertThat(wire.sent).containsExactly("leave drained", "end drained");
  }

  @Test
  void nodeGetsItsReceiptBeforeTheOwnerMaySendAgain() throws ProtocolException {
    socket.open(wire.carrier(new NodeSink(wire, 1000)));
    fixture.owned();
    fixture.receive(SpliceControl.RECEIPT_ASKED);
    wire.taking = false;
    socket.batchEnd();
    socket.writable();
    assertThat(heard).containsExactly("batch end");

    wire.taking = true;
    socket.writable();

    assertThat(wire.sent).containsExactly(SpliceControl.RECEIPT);
    assertThat(heard).containsExactly("batch end", "writable");
  }

  @Test
  void receiptOfANodeLetsTheOwnerSendBehindItsRead() throws ProtocolException {
    socket.open(wire.carrier(new NodeSink(wire, 1000)));
    fixture.owned();

    fixture.receive(SpliceControl.RECEIPT);
    assertThat(heard).isEmpty();
    socket.batchEnd();
    socket.batchEnd();

    assertThat(heard).containsExactly("batch end", "writable", "batch end");
  }
}

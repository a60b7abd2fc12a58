package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.RecordingListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a borrowed link has to say by itself, before and between what its session says. */
class RemoteLinkDueTest {
  private final NodeLinkFixture fixture = new NodeLinkFixture();
  private final List<String> heard = new ArrayList<>();
  private final RemoteLink remote = new RemoteLink(fixture.link, () -> heard.add("lost"));

  private boolean send(String packet) {
    return remote.send(ByteBuffer.wrap(TextFrame.masked(packet)));
  }

  private void begin() {
    var unused = remote.heardBy(new Session());
  }

  @Test
  void sessionIsTakenOverBeforeAnythingIsSent() {
    assertThat(send("42[\"early\"]")).isFalse();
    assertThat(remote.isFlushed()).isFalse();

    begin();

    assertThat(send("42[\"a\"]")).isTrue();
    assertThat(remote.isFlushed()).isTrue();
    assertThat(fixture.node.sent()).containsExactly(SpliceControl.TAKEN_OVER, "42[\"a\"]");
  }

  @Test
  void sessionMaySendWhenTheTakeoverHasBeenSaid() {
    fixture.block();
    begin();
    assertThat(send("42[\"early\"]")).isFalse();
    remote.writable();
    assertThat(heard).isEmpty();

    fixture.node.takeAll();

    assertThat(heard).containsExactly("writable");
    assertThat(fixture.node.sent()).containsExactly("blocking", SpliceControl.TAKEN_OVER);
  }

  @Test
  void pingIsAnsweredBehindTheTakeover() {
    fixture.block();
    begin();
    fixture.receive("2");

    fixture.node.takeAll();

    assertThat(fixture.node.sent()).containsExactly("blocking", SpliceControl.TAKEN_OVER, "3");
    assertThat(heard).containsExactly("batch end", "writable");
  }

  @Test
  void sessionMaySendWhenThePongHasGone() {
    begin();
    fixture.block();
    fixture.receive("2");
    assertThat(send("42[\"early\"]")).isFalse();
    assertThat(remote.isFlushed()).isFalse();
    remote.writable();
    assertThat(heard).containsExactly("batch end");

    fixture.node.takeAll();

    assertThat(heard).containsExactly("batch end", "writable");
    assertThat(remote.isFlushed()).isTrue();
    assertThat(fixture.node.sent()).containsExactly(SpliceControl.TAKEN_OVER, "blocking", "3");
  }

  @Test
  void linkThatHasNotSentAllIsNotFlushed() {
    begin();

    fixture.block();
    assertThat(remote.isFlushed()).isFalse();
    assertThat(send("42[\"a\"]")).isFalse();
    fixture.node.takeAll();

    assertThat(remote.isFlushed()).isTrue();
  }

  @Test
  void packetsAreTheSessionsAndPingsAreNot() {
    begin();

    fixture.receive("42[\"a\"]");
    fixture.receive("2");
    fixture.receive("6");

    assertThat(heard).containsExactly("42[\"a\"]", "batch end", "batch end", "batch end");
    assertThat(fixture.node.sent()).containsExactly(SpliceControl.TAKEN_OVER, "3");
    assertThat(remote.ping()).as("an upstream confirms nothing").isFalse();
  }

  @Test
  void linkIsReadAgainWhenNoReasonIsLeft() {
    begin();
    remote.pauseReads(PauseReason.SLOW_PEER);
    remote.pauseReads(PauseReason.PENDING);
    assertThat(fixture.node.isReading()).isFalse();

    remote.resumeReads(PauseReason.SLOW_PEER);
    assertThat(fixture.node.isReading()).isFalse();
    remote.resumeReads(PauseReason.PENDING);

    assertThat(fixture.node.isReading()).isTrue();
  }

  @Test
  void sessionThatHasAnotherLinkHearsNothingMore() throws ProtocolException {
    begin();
    assertThat(remote.isNeeded()).isTrue();

    remote.close(CloseReason.SWITCHED_OVER);
    remote.message(new Message().ofFrame(ByteBuffer.wrap(TextFrame.of("42[\"late\"]")), false));
    remote.batchEnd();
    remote.writable();
    remote.ended(CloseReason.NODE_LOST, "");

    assertThat(remote.isNeeded()).isFalse();
    assertThat(heard).isEmpty();
    assertThat(fixture.node.sent()).containsExactly(SpliceControl.TAKEN_OVER, "close 1000");
  }

  @Test
  void linkThatBreaksIsLostAndEndsOnce() {
    begin();

    fixture.node.lose();
    remote.ended(CloseReason.NODE_LOST, "");

    assertThat(heard).containsExactly("lost", "closed node-lost");
    assertThat(remote.isNeeded()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_ALL,
      names = {"UPSTREAM_.*"})
  void linkThatItsUpstreamEndedHasBroughtAll(CloseReason reason) {
    begin();

    remote.ended(reason, "");

    assertThat(heard).containsExactly("closed upstream-closed");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {"UPSTREAM_.*"})
  void linkThatTheLendingNodeEndedMayLackSome(CloseReason reason) {
    begin();

    remote.ended(reason, "");

    assertThat(heard).containsExactly("lost", "closed node-lost");
  }

  private final class Session extends RecordingListener {
    Session() {
      super(heard);
    }

    @Override
    public void acknowledged(long bytes) {
      throw new AssertionError("a link confirms nothing");
    }
  }
}

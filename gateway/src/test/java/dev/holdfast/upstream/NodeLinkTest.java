package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.session.RecordingListener;
import dev.holdfast.upstream.ManualPeer.Fault;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeLinkTest {
  private static final Duration SILENCE = Duration.ofSeconds(45);

  private final ManualPeer peer = new ManualPeer();
  private final Heard heard = new Heard();

  private static final class Heard extends RecordingListener implements NodeLink.Listener {
    private final List<String> events;
    private boolean faulty;

    Heard() {
      this(new ArrayList<>());
    }

    private Heard(List<String> events) {
      super(events);
      this.events = events;
    }

    @Override
    public void opened() {
      events.add("opened");
    }

    @Override
    public void ended(NodeLink.End how, int code, String reason) {
      events.add(how + " " + code + " " + reason);
      if (faulty) {
        throw new IllegalStateException("a fault of the listener");
      }
    }
  }

  @SuppressWarnings("NullAway") // Nobody looks for nodes.
  private NodeLink begin() {
    return NodeLink.dial(
        new NodeNetwork(null, null, (place, client, path) -> peer),
        new NodeNetwork.Place(
            new Incarnation(new NodeId("there"), "only"),
            InetSocketAddress.createUnresolved("192.0.2.9", 80)),
        new Forwarding.Client("192.0.2.1", false, "192.0.2.1", "http", Optional.empty()),
        new NodeLink.Limits(
            "/",
            new BufferPool(1 << 20),
            UpstreamLinkFixture.MAX_MESSAGE,
            UpstreamLinkFixture.HANDSHAKE_TIMEOUT),
        peer.loop(),
        heard);
  }

  private NodeLink dial() {
    NodeLink link = begin();
    peer.run();
    return link;
  }

  /** A link whose open packet has arrived. */
  private NodeLink open() {
    NodeLink link = dial();
    peer.upgrade();
    peer.say(ManualPeer.OPEN);
    heard.events.clear();
    return link;
  }

  @Test
  void linkTakesFramesOnceTheOpenPacketHasArrived() {
    NodeLink link = dial();
    peer.upgrade();

    assertThat(link.send(UpstreamLinkFixture.frame())).isFalse();
    peer.say(ManualPeer.OPEN);
    assertThat(link.send(UpstreamLinkFixture.frame())).isTrue();

    assertThat(heard.events).containsExactly("opened", "batch end");
    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]");
  }

  @Test
  void messagesAreDeliveredUnchangedPingsIncluded() {
    open();

    peer.say("2", "1", "42[1]");

    assertThat(heard.events).containsExactly("2", "1", "42[1]", "batch end");
    assertThat(peer.sent()).isEmpty();
  }

  @Test
  void nextListenerHearsWhatComesFromThenOn() {
    NodeLink link = open();
    Heard next = new Heard();

    peer.say("42[1]");
    link.listener(next);
    peer.say("42[2]");

    assertThat(heard.events).containsExactly("42[1]", "batch end");
    assertThat(next.events).containsExactly("42[2]", "batch end");
  }

  @Test
  void linkThatIsNotConnectedHasNothingToFlush() {
    assertThat(dial().isFlushed()).isTrue();
  }

  @Test
  void linkIsFlushedWhenTheNetworkHasTakenAll() {
    NodeLink link = open();
    peer.fill();

    assertThat(link.send(UpstreamLinkFixture.frame())).isTrue();
    assertThat(link.isFlushed()).isFalse();
    assertThat(link.send(UpstreamLinkFixture.frame()))
        .as("a frame that would have to wait, too")
        .isFalse();
    peer.drain();

    assertThat(link.isFlushed()).isTrue();
    assertThat(heard.events).containsExactly("writable");
    assertThat(peer.sent()).containsExactly("text:42[\"hello\"]");
  }

  @Test
  void linkThatIsNotOpenIsNotWritable() {
    dial();
    peer.upgrade();
    peer.fill();
    peer.ping("early");

    peer.drain();

    assertThat(peer.sent()).containsExactly("pong:early");
    assertThat(heard.events).isEmpty();
  }

  @Test
  void linkThatIsPausedIsNotRead() {
    NodeLink link = open();
    link.pauseReads();
    peer.say("42[1]");
    assertThat(heard.events).isEmpty();

    link.resumeReads();
    peer.run();

    assertThat(heard.events).containsExactly("42[1]", "batch end");
  }

  @Test
  void linkThatIsResumedBeforeItIsConnectedIsRead() {
    NodeLink link = dial();
    link.pauseReads();
    link.resumeReads();

    peer.upgrade();
    peer.say(ManualPeer.OPEN);

    assertThat(heard.events).containsExactly("opened", "batch end");
  }

  @Test
  void linkThatIsClosedBeforeItsTurnIsNotDialled() {
    begin().close(1000, "");

    peer.run();

    assertThat(peer.isDialled()).isFalse();
    assertThat(heard.events).isEmpty();
  }

  @Test
  void linkThatIsClosedInTheHandshakeGivesItUp() {
    dial().close(1000, "");

    assertThat(peer.isCancelled()).isTrue();
    assertThat(heard.events).isEmpty();
  }

  @Test
  void linkIsClosedOnceWithTheReason() {
    NodeLink link = open();

    link.close(1008, "not-resumed");
    link.close(1000, "");
    peer.say("42[1]");
    peer.passTime(Duration.ofHours(1));

    assertThat(peer.sent()).containsExactly("close:1008 not-resumed");
    assertThat(heard.events).isEmpty();
    assertThat(link.send(UpstreamLinkFixture.frame())).isFalse();
    assertThat(peer.timers()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, UNREACHABLE",
    "true, false, TIMEOUT",
    "false, true, REFUSED",
    "true, true, REFUSED"
  })
  void failedHandshakeTellsHowFarItGot(boolean connected, boolean refused, NodeLink.End how) {
    dial();

    peer.fail(connected, refused);

    assertThat(heard.events).containsExactly(how + " 1006 a sentence");
  }

  @Test
  void dialThatFailsAtOnceHasReachedNobody() {
    peer.failAtOnce();

    dial();

    assertThat(heard.events).containsExactly("UNREACHABLE 1006 a sentence");
  }

  @Test
  void closeFrameOfTheOtherNodeIsPassedOn() {
    open();

    peer.close(1013, "no-buffers");

    assertThat(heard.events).containsExactly("batch end", "CLOSED 1013 no-buffers");
  }

  @Test
  void messageOverTheLimitLosesTheLink() {
    open();

    peer.say("4".repeat(UpstreamLinkFixture.MAX_MESSAGE + 1));

    assertThat(heard.events)
        .containsExactly(
            "batch end",
            "LOST 1009 a message has 1001 bytes, the limit is " + UpstreamLinkFixture.MAX_MESSAGE);
  }

  @Test
  void firstPacketThatIsNoOpenPacketLosesTheLink() {
    dial();
    peer.upgrade();

    peer.say("42[1]");

    assertThat(heard.events)
        .containsExactly("LOST 1002 the upstream's first packet is not an open packet");
  }

  @Test
  void openPacketIsDueWithinTheHandshakeTimeout() {
    dial();
    peer.upgrade();

    peer.passTime(UpstreamLinkFixture.HANDSHAKE_TIMEOUT);
    assertThat(heard.events).isEmpty();
    peer.passTime(UpstreamLinkFixture.HANDSHAKE_TIMEOUT.dividedBy(4));

    assertThat(heard.events).containsExactly("LOST 1006 no frame in PT10S");
    assertThat(peer.sent()).containsExactly("close:1001 silent for too long");
  }

  @Test
  void nodeThatIsSilentForLongerThanItAnnouncedIsLost() {
    open();
    peer.passTime(SILENCE);
    peer.say("2");
    heard.events.clear();

    peer.passTime(SILENCE);
    assertThat(heard.events).as("from the last frame on").isEmpty();
    peer.passTime(SILENCE.dividedBy(4));

    assertThat(heard.events).containsExactly("LOST 1006 no frame in PT45S");
    assertThat(peer.sent()).containsExactly("close:1001 silent for too long");
  }

  @Test
  void silenceOfALinkThatIsNotReadDoesNotCount() {
    NodeLink link = open();
    link.pauseReads();
    peer.passTime(Duration.ofHours(1));
    assertThat(heard.events).isEmpty();

    link.resumeReads();
    peer.passTime(SILENCE.plus(SILENCE.dividedBy(4)));

    assertThat(heard.events).containsExactly("LOST 1006 no frame in PT45S");
  }

  @Test
  void resumingALinkThatIsReadDoesNotCountAsAFrame() {
    NodeLink link = open();
    peer.passTime(SILENCE);

    link.resumeReads();
    peer.passTime(SILENCE.dividedBy(4));

    assertThat(heard.events).containsExactly("LOST 1006 no frame in PT45S");
  }

  @Test
  void linkThatEndedIsNotEndedAgain() {
    NodeLink link = open();
    peer.passTime(SILENCE.multipliedBy(2));
    heard.events.clear();

    peer.close(1001, "");
    link.close(1000, "");

    assertThat(heard.events).isEmpty();
    assertThat(peer.timers()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPEN", "LISTEN"})
  void linkThatCannotBeginIsLost(Fault fault) {
    peer.failAt(fault);

    try (LogLines log = new LogLines()) {
      dial();
      if (fault == Fault.LISTEN) {
        peer.upgrade();
      }

      assertThat(log.traces()).containsExactly("a fault at " + fault);
    }
    assertThat(heard.events).containsExactly("LOST 1011 internal error");
    assertThat(peer.isCancelled()).isEqualTo(fault == Fault.LISTEN);
  }

  @Test
  void connectionIsClosedThoughTheListenerThrows() {
    open();
    heard.faulty = true;

    try (LogLines log = new LogLines()) {
      peer.passTime(SILENCE.plus(SILENCE.dividedBy(4)));

      assertThat(log.traces()).containsExactly("a fault of the listener");
    }
    assertThat(heard.events).containsExactly("LOST 1006 no frame in PT45S");
    assertThat(peer.sent()).containsExactly("close:1011 internal");
  }
}

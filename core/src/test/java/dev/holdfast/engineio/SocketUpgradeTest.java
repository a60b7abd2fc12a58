package dev.holdfast.engineio;

import static dev.holdfast.engineio.SocketFixture.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.PauseReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A polling session that one WebSocket may take over. */
class SocketUpgradeTest {
  private final SocketFixture fixture = new SocketFixture(false);
  private final EngineSocket socket = fixture.socket;
  private final List<String> heard = fixture.heard;
  private final List<String> abandoned = new ArrayList<>();
  private final Runnable first = new Candidate("first", abandoned);
  private final Runnable second = new Candidate("second", abandoned);
  private final SocketFixture.Wire webSocket = new SocketFixture.Wire();
  private final OwnedSocket owner = fixture.owned();

  /** What ends a WebSocket that probes. */
  private record Candidate(String name, List<String> abandoned) implements Runnable {
    @Override
    public void run() {
      abandoned.add(name);
    }
  }

  @Test
  void oneProbesAtATime() {
    fixture.polls();

    assertThat(socket.probe(first)).isTrue();
    assertThat(socket.probe(second)).isFalse();

    socket.probeEnded(first);
    assertThat(socket.probe(second)).isTrue();
  }

  @Test
  void strangersProbeChangesNothing() {
    fixture.polls();
    socket.probe(first);

    socket.probed(second);
    assertThat(socket.isProbed()).isFalse();
    socket.probed(first);
    socket.probeEnded(second);

    assertThat(socket.isProbed()).isTrue();
    assertThat(heard).isEmpty();
  }

  @Test
  void framesWaitFromTheProbeToItsEnd() {
    fixture.polls();
    socket.probe(first);
    socket.probed(first);

    assertThat(owner.send(frame("42[\"a\"]"))).isFalse();
    assertThat(owner.sendLast(frame("42[\"a\"]"))).isFalse();
    socket.writable();
    assertThat(heard).isEmpty();
    socket.probeEnded(first);

    assertThat(heard).containsExactly("writable");
    assertThat(owner.sendLast(frame("42[\"a\"]"))).isTrue();
  }

  @Test
  void sessionThatAWebSocketCarriesIsNotProbed() {
    socket.open(webSocket.carrier());

    assertThat(socket.probe(first)).isFalse();
    socket.probed(first);

    assertThat(socket.isProbed()).isFalse();
    assertThat(owner.send(frame("42[\"a\"]"))).isTrue();
  }

  @Test
  void sessionThatIsOverIsNotProbed() {
    fixture.polls();
    socket.probe(first);
    socket.close(CloseReason.KICKED);

    socket.probed(first);

    assertThat(abandoned).containsExactly("first");
    assertThat(socket.probe(second)).isFalse();
    assertThat(socket.isProbed()).isFalse();
  }

  @Test
  void webSocketThatComesTooLateIsEnded() {
    fixture.polls();
    socket.close(CloseReason.KICKED);

    socket.upgraded(webSocket.carrier());

    assertThat(webSocket.sent).containsExactly("end client-lost");
  }

  @Test
  void secondWebSocketIsEnded() {
    fixture.polls();
    socket.upgraded(webSocket.carrier());
    SocketFixture.Wire late = new SocketFixture.Wire();

    socket.upgraded(late.carrier());

    assertThat(late.sent).containsExactly("end client-lost");
    assertThat(owner.send(frame("42[\"a\"]"))).isTrue();
    assertThat(webSocket.sent).containsExactly("42[\"a\"]");
  }

  @Test
  void webSocketIsReadAsThePollingClientWas() {
    fixture.polls();
    owner.pauseReads(PauseReason.SLOW_PEER);

    socket.upgraded(webSocket.carrier());
    assertThat(webSocket.reading).isFalse();
    owner.resumeReads(PauseReason.SLOW_PEER);

    assertThat(webSocket.reading).isTrue();
    assertThat(heard).containsExactly("writable");
  }

  @Test
  void clientThatPollsNoMoreIsGivenUpUnlessItHasUpgraded() {
    fixture.polls();
    SocketFixture other = new SocketFixture(false);
    other.owned();
    other.polls();
    socket.upgraded(webSocket.carrier());
    socket.pings().stop();
    other.socket.pings().stop();

    fixture.loop.timers().pass(SocketFixture.POLLING_IDLE);
    other.loop.timers().pass(SocketFixture.POLLING_IDLE);

    assertThat(heard).containsExactly("writable");
    assertThat(other.heard).containsExactly("closed polling-idle");
  }
}

package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RemoteSessionCountsTest {
  private static final NodeId NODE = new NodeId("a");
  private static final SessionRecord SESSION =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, false);
  private static final SessionRecord THROUGH_NODE =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, true);

  private final RemoteSessionCounts remoteCounts = new RemoteSessionCounts();

  @Test
  void clientThatComesThroughANodeDoesNotCountByItsAddress() {
    remoteCounts.put(NODE, "1", SESSION);
    remoteCounts.put(NODE, "2", THROUGH_NODE);

    assertThat(remoteCounts.clientsAt("192.0.2.1")).isEqualTo(1);
    assertThat(remoteCounts.upstreamsOf("u1")).isEqualTo(Map.of("x:80", 2));
  }

  @Test
  void clientCountsAgainOnceItComesDirectly() {
    remoteCounts.put(NODE, "1", THROUGH_NODE);
    remoteCounts.put(NODE, "1", THROUGH_NODE.in(SessionRecord.State.PARKED));
    assertThat(remoteCounts.clientsAt("192.0.2.1")).isZero();

    remoteCounts.put(NODE, "1", SESSION);
    assertThat(remoteCounts.clientsAt("192.0.2.1")).isEqualTo(1);

    remoteCounts.put(NODE, "1", null);
    assertThat(remoteCounts.clientsAt("192.0.2.1")).isZero();
  }

  @Test
  void whatDidNotCountIsNotCountedOutWithItsNode() {
    remoteCounts.replace(NODE, Map.of("1", THROUGH_NODE, "2", SESSION));

    remoteCounts.forget(NODE);
    remoteCounts.put(new NodeId("b"), "1", SESSION);

    assertThat(remoteCounts.clientsAt("192.0.2.1")).isEqualTo(1);
  }
}

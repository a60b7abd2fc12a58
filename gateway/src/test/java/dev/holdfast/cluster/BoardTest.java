package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BoardTest {
  private static final NodeId NODE = new NodeId("a");
  private static final SessionRecord SESSION =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, false);
  private static final SessionRecord THROUGH_NODE =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, true);

  private final Board board = new Board();

  @Test
  void clientThatComesThroughANodeDoesNotCountByItsAddress() {
    board.put(NODE, "1", SESSION);
    board.put(NODE, "2", THROUGH_NODE);

    assertThat(board.clientsAt("192.0.2.1")).isEqualTo(1);
    assertThat(board.upstreamsOf("u1")).isEqualTo(Map.of("x:80", 2));
  }

  @Test
  void clientCountsAgainOnceItComesDirectly() {
    board.put(NODE, "1", THROUGH_NODE);
    board.put(NODE, "1", THROUGH_NODE.in(SessionRecord.State.PARKED));
    assertThat(board.clientsAt("192.0.2.1")).isZero();

    board.put(NODE, "1", SESSION);
    assertThat(board.clientsAt("192.0.2.1")).isEqualTo(1);

    board.put(NODE, "1", null);
    assertThat(board.clientsAt("192.0.2.1")).isZero();
  }

  @Test
  void whatDidNotCountIsNotCountedOutWithItsNode() {
    board.replace(NODE, Map.of("1", THROUGH_NODE, "2", SESSION));

    board.forget(NODE);
    board.put(new NodeId("b"), "1", SESSION);

    assertThat(board.clientsAt("192.0.2.1")).isEqualTo(1);
  }
}

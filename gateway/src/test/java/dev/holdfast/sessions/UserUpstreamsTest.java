package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.RemoteSessions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserUpstreamsTest {
  private static RemoteSessions others(Map<String, Integer> upstreams) {
    return new RemoteSessions() {
      @Override
      public Map<String, Integer> upstreamsOf(String user) {
        return user.equals("u") ? upstreams : Map.of();
      }

      @Override
      public int clientsAt(String address) {
        return 0;
      }
    };
  }

  @Test
  void userWithoutSessionsHasNoUpstream() {
    assertThat(new UserUpstreams(others(Map.of())).upstreamOf("u")).isEmpty();
  }

  @Test
  void sessionsOfAllNodesCountTogether() {
    UserUpstreams users = new UserUpstreams(others(Map.of("x", 2)));

    users.joined("u", "y");
    assertThat(users.upstreamOf("u")).contains("x");
    users.joined("u", "y");
    users.joined("u", "y");

    assertThat(users.upstreamOf("u")).contains("y");
    users.left("u", "y");
    users.left("u", "y");
    users.left("u", "y");
    assertThat(users.upstreamOf("u")).contains("x");
    assertThat(users.upstreamOf("other")).isEmpty();
  }

  @Test
  void allNodesBreakATieAlike() {
    UserUpstreams here = new UserUpstreams(others(Map.of("x", 1)));
    UserUpstreams there = new UserUpstreams(others(Map.of("y", 1)));
    here.joined("u", "y");
    there.joined("u", "x");

    assertThat(here.upstreamOf("u")).isEqualTo(there.upstreamOf("u")).contains("x");
  }
}

package dev.holdfast.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Elsewhere;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsersTest {
  private static Elsewhere others(Map<String, Integer> upstreams, int clients) {
    return new Elsewhere() {
      @Override
      public Map<String, Integer> upstreamsOf(String user) {
        return user.equals("u") ? upstreams : Map.of();
      }

      @Override
      public int clientsAt(String address) {
        return clients;
      }
    };
  }

  @Test
  void userWithoutSessionsHasNoUpstream() {
    assertThat(new Users(Elsewhere.nobody()).upstreamOf("u")).isEmpty();
  }

  @Test
  void sessionsOfAllNodesCountTogether() {
    Users users = new Users(others(Map.of("x", 2), 0));

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
    Users here = new Users(others(Map.of("x", 1), 0));
    Users there = new Users(others(Map.of("y", 1), 0));
    here.joined("u", "y");
    there.joined("u", "x");

    assertThat(here.upstreamOf("u")).isEqualTo(there.upstreamOf("u")).contains("x");
  }

  @Test
  void connectionsOfAnAddressAtOtherNodesCount() {
    Admission admission = new Admission(10, 3, others(Map.of(), 2));

    assertThat(admission.enter("192.0.2.1")).isEmpty();
    assertThat(admission.enter("192.0.2.1")).contains(Admission.Refusal.CONNECTIONS_PER_ADDRESS);
    assertThat(admission.open()).isOne();
  }
}

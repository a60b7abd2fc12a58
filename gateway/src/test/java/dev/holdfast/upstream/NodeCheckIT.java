package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeCheckIT {
  private static Member member(String id, int port) {
    InetSocketAddress address = InetSocketAddress.createUnresolved("127.0.0.1", port);
    return new Member(new NodeId(id), "first", address, "", false, 0);
  }

  private static List<Finding> check(Member... nodes) throws Exception {
    return NodeCheck.run(List.of(nodes), Settings.of(Map.of()));
  }

  @Test
  void eachNodeIsReachedOrFailsWithAdvice() throws Exception {
    try (ServerSocket node = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<Finding> found = check(member("a", node.getLocalPort()), member("b", 1));

      assertThat(found.get(0))
          .isEqualTo(
              new Finding("a", true, "accepts connections at 127.0.0.1:" + node.getLocalPort()));
      assertThat(found.get(1).ok()).isFalse();
      assertThat(found.get(1).detail())
          .startsWith("node b cannot be reached at 127.0.0.1:1 (")
          .contains("refused")
          .endsWith("): check node.advertise of b and the firewalls in between");
    }
  }

  @Test
  void nodesAtOneAddressFailBoth() throws Exception {
    try (ServerSocket node = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<Finding> found =
          check(member("a", node.getLocalPort()), member("b", node.getLocalPort()));

      assertThat(found).noneMatch(Finding::ok);
      assertThat(found.get(0).detail()).contains("(node b is registered at the same address)");
      assertThat(found.get(1).detail()).contains("(node a is registered at the same address)");
    }
  }
}

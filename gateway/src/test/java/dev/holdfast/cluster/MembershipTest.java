package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.time.ErrorBoundary;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private final List<String> heard = new ArrayList<>();
  private final Membership membership =
      new Membership(ErrorBoundary.lasting("a test", () -> heard.add("error")));

  private static Member member(String id) {
    return new Member(
        new NodeId(id), "first", InetSocketAddress.createUnresolved(id, 8000), "", false, 0);
  }

  @Test
  void listenerThatThrowsKeepsNothingFromTheOthers() {
    membership.onChange(listener("first", true));
    membership.onChange(listener("second", false));

    membership.seen(List.of(member("a"), member("b")));
    membership.left(new NodeId("a"));

    assertThat(heard)
        .containsExactly(
            "first a",
            "error",
            "first b",
            "error",
            "second a",
            "second b",
            "first a",
            "error",
            "second a");
  }

  private Nodes.Listener listener(String name, boolean fails) {
    return new Nodes.Listener() {
      @Override
      public void joined(Member node) {
        heard.add(name + " " + node.id());
        if (fails) {
          throw new IllegalStateException("a fault");
        }
      }

      @Override
      public void left(Member node) {
        joined(node);
      }
    };
  }
}

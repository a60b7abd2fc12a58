package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.upstream.NodeNetwork;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeBackendsTest {
  private static final SignedRequest REFERRAL =
      new SignedRequest(
          "GET", "/path", new SignedRequest.Client("192.0.2.1", false, "", "https", "h"));

  private final RejectionLog refusals = new RejectionLog((kind, reason) -> {}, () -> 0);
  private String start = "first";

  private NodeTrust trust(Incarnation self) {
    return new NodeTrust(Signed.REQUEST, self, this::keys, refusals, () -> 0);
  }

  private Optional<Keyring> keys() {
    return Optional.of(Keyring.of(List.of("the key of all nodes")));
  }

  private final class Here implements Peers {
    @Override
    public NodeId self() {
      return new NodeId("here");
    }

    @Override
    public Incarnation incarnation() {
      return new Incarnation(self(), "only");
    }

    @Override
    public Optional<Member> find(NodeId node) {
      InetSocketAddress address = InetSocketAddress.createUnresolved("192.0.2.9", 80);
      return Optional.of(new Member(node, start, address, "1", false, 0));
    }

    @Override
    public Optional<Keyring> keys() {
      return NodeBackendsTest.this.keys();
    }
  }

  @SuppressWarnings("NullAway") // Nobody dials.
  private Backend there() {
    Peers here = new Here();
    LastKnown nobody = new LastKnown(new ManualTimers(), Duration.ZERO, Duration.ZERO);
    NodeNetwork network =
        new NodeNetwork(
            here,
            nobody,
            (place, client, path) -> {
              throw new AssertionError("nobody connects");
            });
    return new NodeBackends(network, null, trust(here.incarnation()))
        .of("there.AAAAAAAAAAAAAAAAAAAA")
        .orElseThrow();
  }

  /** Backends of one name share their connections, and how their requests are signed. */
  @Test
  void nodeThatHasStartedAgainIsAnotherBackend() {
    Backend before = there();
    start = "second";
    Backend after = there();

    assertThat(after.name()).isNotEqualTo(before.name());
    assertThat(isBelieved(before)).isFalse();
    assertThat(isBelieved(after)).isTrue();
  }

  private boolean isBelieved(Backend backend) {
    String header = backend.signer().orElseThrow().of(REFERRAL);
    NodeTrust there = trust(new Incarnation(new NodeId("there"), start));
    return SignedRequest.check(there, header, REFERRAL, "here").isPresent();
  }
}

package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.SessionRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTrustTest {
  private static final SessionRecord SESSION =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, false);
  private static final Incarnation B = new Incarnation(new NodeId("b"), "first");

  private final List<String> refused = new ArrayList<>();
  private final SessionTrust here = trust("the secret of all nodes");

  private SessionTrust trust(String secret) {
    Keyring ring = Keyring.of(List.of(secret));
    return new SessionTrust(
        () -> Optional.of(ring),
        new RejectionLog((kind, reason) -> refused.add(kind + " " + reason), () -> 0));
  }

  private String signed() {
    return here.sign(B, "1", SESSION).orElseThrow();
  }

  @Test
  void whatANodeSaysOfItsSessionsIsBelieved() {
    Map<String, String> fields = Map.of("1", signed(), "#incarnation", "first", "#rev", "3");

    assertThat(here.read(B, fields)).isEqualTo(Map.of("1", SESSION));
    assertThat(refused).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"user=u1, user=u2", "upstream=x, upstream=y", "192.0.2.1, 192.0.2.9", "live, parked"})
  void nothingOfItMayBeChanged(String from, String to) {
    String changed = signed().replace(from, to);

    assertThat(changed).isNotEqualTo(signed());
    assertThat(here.read(B, Map.of("1", changed))).isEmpty();
    assertThat(refused).containsExactly("session forged");
  }

  @Test
  void itCountsAsOneSessionOfOneStartOfItsNode() {
    assertThat(here.read(B, Map.of("2", signed()))).isEmpty();
    assertThat(here.read(new Incarnation(B.node(), "second"), Map.of("1", signed()))).isEmpty();
    assertThat(here.read(new Incarnation(new NodeId("c"), "first"), Map.of("1", signed())))
        .isEmpty();
    assertThat(refused).hasSize(3).containsOnly("session forged");
  }

  @Test
  void secretThatWasRemovedSignsNothing() {
    assertThat(trust("another secret").read(B, Map.of("1", signed()))).isEmpty();
    assertThat(refused).containsExactly("session forged");
  }
}

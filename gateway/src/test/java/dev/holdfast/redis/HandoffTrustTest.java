package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Validity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandoffTrustTest {
  private static final NodeId B = new NodeId("b");
  private static final String PID = "5d41402abc4b2a76b9719d911017c592";

  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final List<String> refused = new ArrayList<>();
  private final HandoffTrust here = trust("the secret of all nodes");

  private HandoffTrust trust(String secret) {
    Keyring ring = Keyring.of(List.of(secret));
    return new HandoffTrust(
        () -> Optional.of(ring),
        new RejectionLog((kind, reason) -> refused.add(kind + " " + reason), clock::get),
        clock::get);
  }

  private String signed(NodeId to) {
    Validity validity = Validity.from(here.now(), Duration.ofMinutes(2));
    return here.sign(PID, to, validity).orElseThrow();
  }

  @Test
  void nodeThatASessionMovedToIsRead() {
    String signed = signed(B);

    assertThat(here.read(PID, signed)).contains(B);
    assertThat(here.read(PID, signed)).contains(B);
    assertThat(refused).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"node=b, node=evil", "expires=1120000, expires=9120000", "issued=1000000, issued=2"})
  void nothingOfItMayBeChanged(String from, String to) {
    String changed = signed(B).replace(from, to);

    assertThat(changed).isNotEqualTo(signed(B));
    assertThat(here.read(PID, changed)).isEmpty();
    assertThat(refused).containsExactly("move forged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "b", "pid=x&node=b x"})
  void textOfSomebodyElseIsForged(String text) {
    assertThat(here.read(PID, text)).isEmpty();
    assertThat(refused).containsExactly("move forged");
  }

  @Test
  void secretThatWasRemovedSignsNothing() {
    assertThat(trust("another secret").read(PID, signed(B))).isEmpty();
    assertThat(refused).containsExactly("move forged");
  }

  @Test
  void moveOfAnotherSessionIsForeign() {
    assertThat(here.read("another", signed(B))).isEmpty();
    assertThat(refused).containsExactly("move foreign");
  }

  @Test
  void olderMoveThatIsPutBackIsReplayed() {
    String older = signed(B);
    clock.addAndGet(30_001);
    assertThat(here.read(PID, signed(new NodeId("c")))).contains(new NodeId("c"));

    assertThat(here.read(PID, older)).isEmpty();
    assertThat(refused).containsExactly("move replayed");
  }

  @Test
  void nextMoveMayBeMadeByANodeWhoseClockIsBehind() {
    assertThat(here.read(PID, signed(B))).contains(B);
    clock.addAndGet(-30_000);
    NodeId c = new NodeId("c");
    String next = signed(c);
    clock.addAndGet(30_000);

    assertThat(here.read(PID, next)).contains(c);
    assertThat(refused).isEmpty();
  }

  /** By how much the clock here is ahead, with the two minutes of the window. */
  @ParameterizedTest
  @CsvSource({
    "-30000, ''",
    "150000, ''",
    "-30001, move early",
    "150001, move expired",
  })
  void itHasItsTime(long ahead, String problem) {
    String signed = signed(B);
    clock.addAndGet(ahead);

    assertThat(here.read(PID, signed).isPresent()).isEqualTo(problem.isEmpty());
    assertThat(String.join(",", refused)).isEqualTo(problem);
  }
}

package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Validity;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrationTrustTest {
  private static final NodeId A = new NodeId("a");
  private static final Duration LIFETIME = Duration.ofSeconds(6);
  private static final long STARTED = 1_000_000;

  private final AtomicLong clock = new AtomicLong(STARTED);
  private final List<String> refused = new ArrayList<>();
  private final RegistrationTrust node = trust("new secret", "old secret");
  private final RegistrationTrust here = trust("new secret");

  private RegistrationTrust trust(String... secrets) {
    Keyring ring = Keyring.of(List.of(secrets));
    return new RegistrationTrust(
        () -> Optional.of(ring),
        new RejectionLog((kind, reason) -> refused.add(kind + " " + reason), clock::get),
        clock::get);
  }

  private RegistrationRecord record(String incarnation, long started) {
    return new RegistrationRecord(
        new Member(
            A,
            incarnation,
            InetSocketAddress.createUnresolved("10.0.0.1", 8080),
            "1 & 2",
            false,
            7),
        8,
        started,
        Validity.from(clock.get(), LIFETIME));
  }

  private String signed() {
    return node.sign(record("first", STARTED)).orElseThrow();
  }

  private Optional<RegistrationRecord> believed(String name, String signed) {
    return here.read(name, signed).filter(here::isCurrent);
  }

  private boolean isBelieved(String signed) {
    return believed("a", signed).isPresent();
  }

  @Test
  void whatANodeSaysOfItselfIsBelieved() {
    assertThat(believed("a", signed())).contains(record("first", STARTED));
    assertThat(refused).isEmpty();
  }

  @Test
  void sameRegistrationMayBeSeenAgain() {
    String signed = signed();

    assertThat(isBelieved(signed)).isTrue();
    assertThat(isBelieved(signed)).isTrue();
    clock.addAndGet(1);
    assertThat(isBelieved(signed())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "a changed address,    host=10.0.0.1,   host=10.6.6.6",
    "a changed port,       port=8080,       port=8081",
    "a changed start time, started=1000000, started=1000001",
    "a changed incarnation, incarnation=first, incarnation=other",
    "a longer life,        expires=1006000, expires=9006000",
    "a later time,         issued=1000000,  issued=1000001",
    "a drain,              draining=false,  draining=true",
    "another name,         id=a,            id=b",
    "one more field,       id=a,            id=a&id=b",
  })
  void nothingOfItMayBeChanged(String what, String from, String to) {
    String changed = signed().replace(from, to);

    assertThat(changed).as(what).isNotEqualTo(signed());
    assertThat(believed("a", changed)).as(what).isEmpty();
    assertThat(believed("b", changed)).as(what).isEmpty();
    assertThat(refused).containsExactly("registration forged", "registration forged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "x", "id=a host=h", "id=a&incarnation=first "})
  void textOfSomebodyElseIsForged(String text) {
    assertThat(isBelieved(text)).isFalse();
    assertThat(refused).containsExactly("registration forged");
  }

  @Test
  void registrationOfAnotherNodeIsForeign() {
    assertThat(believed("b", signed())).isEmpty();
    assertThat(refused).containsExactly("registration foreign");
  }

  @Test
  void secretThatWasRemovedSignsNothing() {
    RegistrationTrust old = trust("old secret");

    assertThat(isBelieved(old.sign(record("first", STARTED)).orElseThrow())).isFalse();
    assertThat(refused).containsExactly("registration forged");
  }

  @Test
  void secretThatIsStillListedIsBelieved() {
    RegistrationTrust old = trust("old secret");

    assertThat(node.read("a", old.sign(record("first", STARTED)).orElseThrow())).isPresent();
  }

  @Test
  void olderOneThatIsPutBackIsReplayed() {
    String older = signed();
    clock.addAndGet(1);
    assertThat(isBelieved(signed())).isTrue();

    assertThat(isBelieved(older)).isFalse();
    assertThat(refused).containsExactly("registration replayed");
  }

  @Test
  void oneOfAnEarlierStartIsReplayed() {
    String earlier = signed();
    assertThat(isBelieved(node.sign(record("second", STARTED + 1)).orElseThrow())).isTrue();

    assertThat(isBelieved(earlier)).isFalse();
    assertThat(refused).containsExactly("registration replayed");
  }

  @Test
  void oneOfANodeThatHasLeftIsReplayed() {
    String signed = signed();
    assertThat(isBelieved(signed)).isTrue();
    here.left(new Incarnation(A, "first"));

    assertThat(isBelieved(signed)).isFalse();
    clock.addAndGet(1);
    assertThat(isBelieved(node.sign(record("second", STARTED + 1)).orElseThrow())).isTrue();
    assertThat(refused).containsExactly("registration replayed");
  }

  @Test
  void earlierStartThatLeavesLateChangesNothing() {
    assertThat(isBelieved(signed())).isTrue();
    here.left(new Incarnation(A, "earlier"));

    assertThat(isBelieved(signed())).isTrue();
  }

  /** By how much the clock here is ahead of that of the node. */
  @ParameterizedTest
  @CsvSource({
    "-30000, ''",
    "0, ''",
    "30000, ''",
    "36000, ''",
    "-30001, registration early",
    "36001, registration expired",
  })
  void clocksMayDifferByHalfAMinute(long ahead, String problem) {
    String signed = signed();
    clock.addAndGet(ahead);

    assertThat(isBelieved(signed)).isEqualTo(problem.isEmpty());
    assertThat(String.join(",", refused)).isEqualTo(problem);
  }

  @Test
  void olderOneIsRefusedForAsLongAsItsOwnTimeIsNotOver() {
    Validity long1 = Validity.from(clock.get(), Duration.ofMinutes(3));
    RegistrationRecord slow =
        new RegistrationRecord(record("first", STARTED).member(), 8, STARTED, long1);
    String older = node.sign(slow).orElseThrow();
    assertThat(isBelieved(older)).isTrue();
    clock.addAndGet(1);
    assertThat(isBelieved(signed())).isTrue();
    clock.addAndGet(Duration.ofMinutes(3).toMillis());

    assertThat(isBelieved(older)).isFalse();
    assertThat(refused).containsExactly("registration replayed");
    clock.addAndGet(Duration.ofSeconds(30).toMillis());
    assertThat(isBelieved(older)).isFalse();
    assertThat(refused).containsExactly("registration replayed", "registration expired");
  }
}

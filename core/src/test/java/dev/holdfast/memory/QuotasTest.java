package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.memory.Quotas.Holding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotasTest {
  private static final Resource HEADS = Resource.HEAD_BYTES;
  private static final long LIMIT = 1000;

  private final Quotas quotas = new Quotas(Map.of(HEADS, LIMIT));
  private final List<String> cut = new ArrayList<>();

  private static Peer peer(String address) throws Exception {
    return Peer.of(InetAddress.getByName(address));
  }

  private Optional<Holding> take(String address, long amount) throws Exception {
    return quotas.take(peer(address), HEADS, amount, () -> cut.add(address));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8::1, 2001:db8::ffff:1, true",
    "2001:db8::1, 2001:db8:0:1::1, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
    "::, 0.0.0.0, false",
  })
  void hostIsOnePeer(String one, String other, boolean same) throws Exception {
    assertThat(peer(one).equals(peer(other))).isEqualTo(same);
  }

  @Test
  void addressTakesWhatItLikesWhileThereIsPlenty() throws Exception {
    assertThat(take("192.0.2.1", 800)).isPresent();
    assertThat(quotas.taken(HEADS)).isEqualTo(800);
  }

  @Test
  void addressThatHoldsItsShareGetsNoMoreWhenItIsShort() throws Exception {
    take("192.0.2.1", 800);

    assertThat(take("192.0.2.1", 1)).isEmpty();
    assertThat(take("192.0.2.2", 100)).isPresent();
    assertThat(cut).isEmpty();
  }

  @Test
  void oldestOfTheOneThatHoldsMostIsCut() throws Exception {
    take("192.0.2.1", 300);
    take("192.0.2.1", 100);
    take("192.0.2.2", 350);
    take("192.0.2.3", 150);

    assertThat(take("192.0.2.4", 50)).isPresent();

    assertThat(cut).containsExactly("192.0.2.1");
    assertThat(quotas.taken(HEADS)).isEqualTo(650);
  }

  @Test
  void holdingThatWasCutGetsNoMore() throws Exception {
    Holding oldest = take("192.0.2.1", 500).orElseThrow();
    take("192.0.2.2", 401);

    assertThat(oldest.grow(1)).isFalse();
    oldest.release();
    assertThat(quotas.taken(HEADS)).isEqualTo(401);
  }

  @Test
  void grantIsBackIfTheCutOfAnotherThrows() throws Exception {
    quotas.take(
        peer("192.0.2.1"),
        HEADS,
        600,
        () -> {
          throw new IllegalStateException("a cut");
        });
    Holding growing = take("192.0.2.2", 250).orElseThrow();

    assertThatThrownBy(() -> growing.grow(100)).hasMessage("a cut");
    assertThat(quotas.taken(HEADS)).isEqualTo(250);

    growing.release();
    assertThat(quotas.taken(HEADS)).isZero();
  }

  @Test
  void limitIsNeverPassed() throws Exception {
    take("192.0.2.1", 450);
    take("192.0.2.2", 440);

    assertThat(take("192.0.2.3", 111)).isEmpty();
    assertThat(quotas.taken(HEADS)).isEqualTo(890);
  }

  @Test
  void whatIsKeptIsNotCut() throws Exception {
    take("192.0.2.1", 300).orElseThrow().keep();
    take("192.0.2.1", 100);
    take("192.0.2.2", 350);
    take("192.0.2.3", 200);

    assertThat(cut).containsExactly("192.0.2.2");
  }

  @Test
  void whatMayBeCutLaterIsCutThen() throws Exception {
    Holding kept = quotas.take(peer("192.0.2.1"), HEADS, 500, () -> {}).orElseThrow();
    kept.keep();
    quotas.take(peer("192.0.2.2"), HEADS, 450, () -> {}).orElseThrow().keep();

    kept.mayBeCut(() -> cut.add("late"));

    assertThat(cut).containsExactly("late");
    assertThat(quotas.taken(HEADS)).isEqualTo(450);
  }

  @Test
  void peerThatHoldsLittleIsNotCutForThoseThatAreKept() throws Exception {
    take("192.0.2.1", 500).orElseThrow().keep();
    take("192.0.2.2", 400).orElseThrow().keep();

    assertThat(take("192.0.2.3", 50)).isPresent();

    assertThat(cut).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 2", "3, 3", "4, 4", "5, 4", "10, 8"})
  void onePeerMayHaveNearlyAllOfALittle(long limit, int most) throws Exception {
    Quotas.Pool pool = quotas.pool(HEADS, limit);
    int had = 0;
    while (pool.take(peer("192.0.2.1"), 1).isPresent()) {
      had++;
    }

    assertThat(had).isEqualTo(most);
    assertThat(quotas.taken(HEADS)).isEqualTo(most);
  }

  @Test
  void whatIsKeptNoMoreIsTheYoungestToBeCut() throws Exception {
    Holding first = take("192.0.2.1", 200).orElseThrow();
    Holding second = take("192.0.2.1", 300).orElseThrow();
    first.keep();
    first.mayBeCut(() -> cut.add("first"));

    take("192.0.2.2", 401);

    assertThat(second.grow(0)).isFalse();
    assertThat(first.grow(0)).isTrue();
  }

  @Test
  void proxyOfManyHasNoShareAndIsNotCut() {
    List<Optional<Holding>> all = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      all.add(quotas.take(Peer.exempt(), HEADS, LIMIT / 10, () -> cut.add("proxy")));
    }

    assertThat(all.subList(0, 10)).allMatch(Optional::isPresent);
    assertThat(all.get(10)).isEmpty();
    assertThat(cut).isEmpty();
  }

  @Test
  void userIsAPeerOfTheirOwn() throws Exception {
    quotas.take(Peer.ofUser("u1"), HEADS, 800, () -> {});

    assertThat(quotas.take(Peer.ofUser("u1"), HEADS, 1, () -> {})).isEmpty();
    assertThat(quotas.take(Peer.ofUser("u2"), HEADS, 50, () -> {})).isPresent();
    assertThat(take("192.0.2.1", 50)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsTakenIsWhatIsHeld(long seed) throws Exception {
    Random random = new Random(seed);
    List<Holding> all = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      switch (random.nextInt(5)) {
        case 0 -> take("192.0.2." + random.nextInt(5), random.nextInt(200)).ifPresent(all::add);
        case 1 -> any(all, random).ifPresent(it -> it.grow(random.nextInt(200)));
        case 2 -> any(all, random).ifPresent(Holding::keep);
        case 3 -> any(all, random).ifPresent(it -> it.mayBeCut(() -> {}));
        default -> {
          if (!all.isEmpty()) {
            all.remove(random.nextInt(all.size())).release();
          }
        }
      }
      assertThat(quotas.taken(HEADS)).isBetween(0L, LIMIT);
    }
    all.forEach(Holding::release);

    assertThat(quotas.taken(HEADS)).isZero();
  }

  private static Optional<Holding> any(List<Holding> all, Random random) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }
}

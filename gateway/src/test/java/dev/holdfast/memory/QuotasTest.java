package dev.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

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
  void limitIsNeverPassed() throws Exception {
    take("192.0.2.1", 450);
    take("192.0.2.2", 440);

    assertThat(take("192.0.2.3", 111)).isEmpty();
    assertThat(quotas.taken(HEADS)).isEqualTo(890);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsTakenIsWhatIsHeld(long seed) throws Exception {
    Random random = new Random(seed);
    List<Holding> all = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      switch (random.nextInt(3)) {
        case 0 -> take("192.0.2." + random.nextInt(5), random.nextInt(200)).ifPresent(all::add);
        case 1 -> {
          if (!all.isEmpty()) {
            all.get(random.nextInt(all.size())).grow(random.nextInt(200));
          }
        }
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
}
